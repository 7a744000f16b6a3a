// Package entratenant is the half of a connector that is another Entra tenant, which
// cross-tenant synchronization fills: who comes, as which type, who is left out, and
// who is converted ([cross-tenant 1] to [cross-tenant 6]).
package entratenant
