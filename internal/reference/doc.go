// Package reference holds how Entra, Microsoft Graph and Atlassian behave, rule
// by rule, each with its source and its confidence. It has no code: the product
// and the simulator are written from these documents, and cite them.
//
// A comment cites a rule by the document and the number of its part, in square
// brackets, on one line:
//
//   - [graph 3.5], [atlassian 1.4], [expressions 6], [cross-tenant 3]: a part;
//   - [atlassian row 12], [atlassian rows 18-20]: rows of the decision table;
//   - [atlassian rule 2]: one of the rules in short;
//   - [atlassian question 1], [graph question 7]: what isn't known yet.
//
// A mark behind a comma is the confidence, by the letters that the document
// defines at its beginning: [graph 3.1, D] is documented, [atlassian 3.1, D* + I]
// documented at second hand and partly inferred.
//
// What the project itself decided is cited by a section of its guide for
// contributors: [CONTRIBUTING: Planning is pure].
//
// A test resolves every citation in the repository. Who renumbers a part
// corrects the citations with it.
package reference
