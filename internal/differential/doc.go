// Package differential compares two statements of the same behavior that know
// nothing of each other: the engine's prediction and the simulator's cycle. A
// property test draws a tenant, a job with odd switches, a target with a past and
// rounds of change, predicts before each cycle, lets the simulator run it, and
// compares who is there, as what, in which groups. A disagreement is settled by the
// documentation: one of the two is mended, and its history stays as a test.
package differential
