# The id is opaque: any text will do. Import accepts nothing; the next plan shows everything.
terraform import usersync_outcome.guard guard
