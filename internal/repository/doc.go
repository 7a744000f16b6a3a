// Package repository tests the repository as a whole: which package may import
// which, the licenses of what it is built from, and pages of the documentation
// that promise something of the code.
package repository
