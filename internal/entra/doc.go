// Package entra is what we do with Microsoft Graph: bulk reads of a tenant,
// domains, cross-tenant access, synchronization, and user types. Small calls are
// described by the SDK's typed packages, bulk answers are decoded narrowly
// [CONTRIBUTING: What is hand-written, and why].
package entra
