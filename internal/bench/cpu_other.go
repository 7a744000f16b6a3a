//go:build !unix

package main

// cpu isn't known here.
func cpu() float64 { return 0 }
