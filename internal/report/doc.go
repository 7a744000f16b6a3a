// Package report writes who syncs and why for people: Markdown that fits a
// pull-request comment, and one HTML page that needs nothing beside itself. It
// is pure: the same input gives the same bytes.
//
// # The page
//
// The summary, the domains, the groups and the reconciliation are HTML, written
// by html/template. The users are JSON in a script element that is data, coded
// by dictionaries; the page's script filters and shows them, a page of rows at a
// time, and puts every value into the document as text. A policy in the document
// allows that script and that style sheet, by their hashes, and nothing else: no
// request, no other script.
//
// # Fixes
//
// A fix is shown of a user only where the engine tried it for that user. To try
// one is to decide the directory anew, so they are tried for one user of each
// situation (decision, home domain, type), the largest situations first, up to
// a limit; the page says so, and leads from the others to the one tried.
package report
