// Package attack crosses the lines that the provider promises to hold, through
// a real CLI: users who are deleted, hidden or renamed for a night, losses in
// parts, hashes used twice, plans that only look harmless, names that are a
// host's commands, services that echo secrets, files of somebody else's. It was
// written from the promises, not from the code. A test is named for the numbered
// point of the promise that it attacks, and its message for what is broken.
//
// The tests are off unless USERSYNC_ATTACK is set: make attack. It attacks another
// program with make attack PROVIDER=/path, other pipeline scripts with SCRIPTS.
//
// Not attacked from outside: a process that is paused while it evaluates a
// pattern (point 6; a slow pattern stands for it), an answer that drips for
// minutes (point 11), the end of one reader of a shared read (point 13), and
// which vulnerabilities are reached (point 16): make vulncheck says so, and the
// attack looks at what the program is built of.
package attack
