package entra

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// Template is what jobs are made from [graph 3.2].
type Template struct {
	ID, ApplicationID, FactoryTag, Description string
	Default                                    bool
}

// Templates reads the templates that a service principal's application has.
func (c *Client) Templates(ctx context.Context, servicePrincipalID string) ([]Template, error) {
	operation := "reading the synchronization templates of service principal " + servicePrincipalID
	s, err := c.synchronization(ctx, NeedSynchronization, operation, servicePrincipalID)
	if err != nil {
		return nil, err
	}
	info, err := s.Templates().ToGetRequestInformation(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	var templates []Template
	err = eachModel(ctx, c, synchronizationRequest(info, operation, NeedSynchronization),
		models.CreateSynchronizationTemplateFromDiscriminatorValue, func(m models.SynchronizationTemplateable) error {
			templates = append(templates, templateOf(m))
			return nil
		})
	if err != nil {
		return nil, err
	}
	return templates, nil
}

func templateOf(m models.SynchronizationTemplateable) Template {
	t := Template{
		ID:          deref(m.GetId()),
		FactoryTag:  deref(m.GetFactoryTag()),
		Description: deref(m.GetDescription()),
		Default:     deref(m.GetDefaultEscaped()),
	}
	if id := m.GetApplicationId(); id != nil {
		t.ApplicationID = id.String()
	}
	return t
}

// TemplateSchema reads the schema that a job begins with.
func (c *Client) TemplateSchema(ctx context.Context, servicePrincipalID, templateID string) (json.RawMessage, error) {
	r, err := c.rawSynchronizationRequest(ctx, NeedSynchronization, http.MethodGet,
		"reading the schema of template "+templateID, servicePrincipalID, "templates", templateID, "schema")
	if err != nil {
		return nil, err
	}
	return c.schema(ctx, r)
}

// Schema reads a job's schema as the service gives it, directories included.
func (c *Client) Schema(ctx context.Context, servicePrincipalID, jobID string) (json.RawMessage, error) {
	r, err := c.rawSynchronizationRequest(ctx, NeedSynchronization, http.MethodGet,
		"reading the schema of job "+jobID, servicePrincipalID, "jobs", jobID, "schema")
	if err != nil {
		return nil, err
	}
	return c.schema(ctx, r)
}

// schema asks for the directories where they didn't come by themselves: they
// are a navigation property, though shown inline [graph 3.5]. A service that
// knows no such $expand has none to give; the caller sees that they lack.
func (c *Client) schema(ctx context.Context, r graph.Request) (json.RawMessage, error) {
	a, err := c.graph.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	complete, err := hasDirectories(a.Body)
	if err != nil {
		return nil, graph.ShapeError(r.Operation, err)
	}
	if complete {
		return a.Body, nil
	}
	r.URL += "?$expand=directories"
	expanded, err := c.graph.Do(ctx, r)
	var e *graph.Error
	if errors.As(err, &e) && e.Status == http.StatusBadRequest {
		return a.Body, nil
	}
	if err != nil {
		return nil, err
	}
	if _, err := hasDirectories(expanded.Body); err != nil {
		return nil, graph.ShapeError(r.Operation, err)
	}
	return expanded.Body, nil
}

func hasDirectories(schema []byte) (bool, error) {
	var s *struct {
		Directories json.RawMessage `json:"directories"`
	}
	if err := json.Unmarshal(schema, &s); err != nil {
		return false, err
	}
	if s == nil {
		return false, errors.New("the schema is null")
	}
	return len(s.Directories) > 0 && !bytes.Equal(s.Directories, []byte("null")), nil
}

// PutSchema replaces a job's schema, all of it; the service answers PATCH with
// 404 [graph 3.5]. A saved schema starts a new initial cycle, so that a PUT
// that is repeated after a failure may start it twice: with the same schema,
// moments apart. The last of two writers wins; there is no version check.
func (c *Client) PutSchema(ctx context.Context, servicePrincipalID, jobID string, schema json.RawMessage) error {
	r, err := c.rawSynchronizationRequest(ctx, NeedSynchronizationWrite, http.MethodPut,
		"writing the schema of job "+jobID, servicePrincipalID, "jobs", jobID, "schema")
	if err != nil {
		return err
	}
	if _, err := hasDirectories(schema); err != nil {
		return fmt.Errorf("%s: the schema to write is no JSON object: %w", r.Operation, err)
	}
	r.Body = schema
	_, err = c.graph.Do(ctx, r)
	return err
}
