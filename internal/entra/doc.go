// Package entra speaks to Microsoft Graph: signing in, bulk reads of a tenant,
// and small calls. It goes through the SDK's request adapter and decodes what
// it needs itself [CONTRIBUTING: Dependencies, and why].
package entra
