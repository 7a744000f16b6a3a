package directory

// Job is the synchronization job of a service principal, as far as it decides.
type Job struct {
	ServicePrincipalID string `json:"service_principal_id"`
	DisplayName        string `json:"display_name"`
	JobID              string `json:"job_id"`
	// Mappings are the objectMappings of the job's schema, each as compact JSON.
	Mappings []string `json:"mappings"`
	// Assigned are the object ids of the groups and users that are assigned,
	// ascending.
	Assigned []string `json:"assigned"`
}
