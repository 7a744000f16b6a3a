package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Secret is a key and value of a service principal's synchronization: a
// credential, or a setting that is kept beside them [graph 3.4]. The SDK's models
// aren't used for them: their keys are an enumeration, and a key that it lacks
// would be lost, and deleted by the next write.
type Secret struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Secrets reads what the service shows. Values of credentials can't be
// trusted: they may be masked or empty.
func (c *Client) Secrets(ctx context.Context, servicePrincipalID string) ([]Secret, error) {
	r, err := c.rawSynchronizationRequest(ctx, NeedSynchronization, http.MethodGet,
		"reading the keys of the credentials of service principal "+servicePrincipalID, servicePrincipalID, "secrets")
	if err != nil {
		return nil, err
	}
	var secrets []Secret
	err = c.eachObject(ctx, r, func(raw []byte) error {
		var s Secret
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		secrets = append(secrets, s)
		return nil
	})
	if err != nil {
		return nil, redact(err, secrets)
	}
	return secrets, nil
}

// PutSecrets replaces the whole set: whether keys that are left out survive
// isn't documented. No value shows in an error.
func (c *Client) PutSecrets(ctx context.Context, servicePrincipalID string, secrets []Secret) error {
	r, err := c.rawSynchronizationRequest(ctx, NeedSynchronizationWrite, http.MethodPut,
		"writing the credentials of service principal "+servicePrincipalID, servicePrincipalID, "secrets")
	if err != nil {
		return err
	}
	if secrets == nil {
		secrets = []Secret{}
	}
	if r.Body, err = json.Marshal(map[string]any{"value": secrets}); err != nil {
		return fmt.Errorf("%s: %w", r.Operation, err)
	}
	r.Hide = secretValues(secrets)
	_, err = c.graph.Do(ctx, r)
	return redact(err, secrets)
}

// ValidateCredentials lets the service try credentials with the target, those
// saved where they are nil; nil is that they are good, and an *graph.Error of 400
// that they aren't. A jobID of "" asks without a job, by the template alone. It
// changes nothing, and so may be repeated. No value shows in an error.
func (c *Client) ValidateCredentials(
	ctx context.Context, servicePrincipalID, jobID, templateID string, secrets []Secret,
) error {
	path := []string{"jobs", jobID, "validateCredentials"}
	if jobID == "" {
		path = []string{"jobs", "validateCredentials"}
	}
	r, err := c.rawSynchronizationRequest(ctx, NeedSynchronizationWrite, http.MethodPost,
		"validating the credentials of service principal "+servicePrincipalID, servicePrincipalID, path...)
	if err != nil {
		return err
	}
	body := map[string]any{"useSavedCredentials": secrets == nil}
	if secrets != nil {
		body["credentials"] = secrets
	}
	if templateID != "" {
		body["templateId"] = templateID
	}
	if r.Body, err = json.Marshal(body); err != nil {
		return fmt.Errorf("%s: %w", r.Operation, err)
	}
	r.Idempotent = true
	r.Hide = secretValues(secrets)
	_, err = c.graph.Do(ctx, r)
	return redact(err, secrets)
}
