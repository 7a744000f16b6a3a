// Package graph is Microsoft Graph over HTTP: signing in, requests, pages,
// batches, limits and errors. What is asked of Graph is the business of package
// entra. Requests go through the SDK's request adapter, which adds the token;
// answers are handed on as they came [CONTRIBUTING: What is hand-written, and why].
package graph
