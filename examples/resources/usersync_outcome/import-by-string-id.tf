import {
  to = usersync_outcome.guard
  id = "guard"
}
