# What the partner's people are before anything is changed.
resource "usersync_user_type_record" "before" {
  directory = data.usersync_directory.now.reading

  match {
    home_domains = ["fabrikam.example"]
  }
}
