// Package faults holds the matrix of faults: stories of every resource that
// writes, run through the real CLIs against the simulator, each with one fault
// or death at one request. "make faults" runs the whole matrix, "make test" a
// fixed sample of it. What a case looks at is in check_test.go.
package faults
