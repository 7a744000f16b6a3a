// Package reason is the vocabulary of decisions: verdicts, reason codes,
// warnings, kinds of account, actions, and how sure each is. Its tables are the
// one list of each, with the source of every rule.
package reason
