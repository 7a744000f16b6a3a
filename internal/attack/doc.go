// Package attack is tests alone.
package attack
