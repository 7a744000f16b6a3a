package entra

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/serviceprincipals"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// OnDemandSubject is whom to provision: a user, or a group with up to five of
// its members.
type OnDemandSubject struct {
	// ObjectTypeName is User or Group.
	ObjectID, ObjectTypeName string
	// Members are object ids of users.
	Members []string
}

// OnDemandResult is what became of a subject [graph 3.8].
type OnDemandResult struct {
	// Result is Success, Skipped or Failure.
	Result                  string
	ErrorCode, ErrorMessage string
	// Action is Create, Update and so on.
	Action   string
	Steps    []OnDemandStep
	Modified []ModifiedProperty
	// Reason and RecommendedAction are the service's words.
	Reason, RecommendedAction   string
	SourceDisplayName, TargetID string
}

// ProvisionOnDemand provisions subjects at once, five requests in ten seconds.
// It isn't repeated: it may have created somebody.
func (c *Client) ProvisionOnDemand(
	ctx context.Context, servicePrincipalID, jobID, ruleID string, subjects []OnDemandSubject,
) (OnDemandResult, error) {
	operation := "provisioning on demand with job " + jobID
	j, err := c.job(ctx, NeedSynchronizationWrite, operation, servicePrincipalID, jobID)
	if err != nil {
		return OnDemandResult{}, err
	}
	info, err := j.ProvisionOnDemand().ToPostRequestInformation(ctx, onDemandBody(ruleID, subjects), nil)
	if err != nil {
		return OnDemandResult{}, fmt.Errorf("%s: %w", operation, err)
	}
	r := synchronizationRequest(info, operation, NeedSynchronizationWrite)
	r.Limit = c.onDemandLimit
	a, err := c.graph.Do(ctx, r)
	if err != nil {
		return OnDemandResult{}, err
	}
	out, err := decodeOnDemand(a.Body)
	if err != nil {
		return OnDemandResult{}, graph.ShapeError(operation, err)
	}
	return out, nil
}

// onDemandBody says whom to provision by which rule.
func onDemandBody(
	ruleID string, subjects []OnDemandSubject,
) *serviceprincipals.ItemSynchronizationJobsItemProvisionOnDemandPostRequestBody {
	list := make([]models.SynchronizationJobSubjectable, len(subjects))
	for i, s := range subjects {
		one := onDemandSubject(s.ObjectID, s.ObjectTypeName)
		if len(s.Members) > 0 {
			members := make([]models.SynchronizationJobSubjectable, len(s.Members))
			for i, id := range s.Members {
				members[i] = onDemandSubject(id, "User")
			}
			links := models.NewSynchronizationLinkedObjects()
			links.SetMembers(members)
			one.SetLinks(links)
		}
		list[i] = one
	}
	parameters := models.NewSynchronizationJobApplicationParameters()
	parameters.SetRuleId(&ruleID)
	parameters.SetSubjects(list)
	body := serviceprincipals.NewItemSynchronizationJobsItemProvisionOnDemandPostRequestBody()
	body.SetParameters([]models.SynchronizationJobApplicationParametersable{parameters})
	return body
}

func onDemandSubject(id, typeName string) models.SynchronizationJobSubjectable {
	s := models.NewSynchronizationJobSubject()
	s.SetObjectId(&id)
	s.SetObjectTypeName(&typeName)
	return s
}

// onDemandKey is the answer's key where it holds JSON.
type onDemandKey struct {
	Result  string `json:"result"`
	Details struct {
		ErrorCode    string `json:"errorCode"`
		ErrorMessage string `json:"errorMessage"`
	} `json:"details"`
}

// onDemandValue is the answer's value.
type onDemandValue struct {
	Action     string         `json:"action"`
	Steps      []stepBody     `json:"provisioningSteps"`
	Modified   []propertyBody `json:"modifiedProperties"`
	StatusInfo struct {
		Status            string `json:"status"`
		ErrorCode         string `json:"errorCode"`
		Reason            string `json:"reason"`
		RecommendedAction string `json:"recommendedAction"`
	} `json:"statusInfo"`
	Source identityBody `json:"sourceIdentity"`
	Target identityBody `json:"targetIdentity"`
}

// decodeOnDemand reads both editions of the answer: the key tells the result as
// JSON or is the name of a type, the value is an object or a list of one, each
// a text that holds JSON [graph 3.8].
func decodeOnDemand(body []byte) (out OnDemandResult, err error) {
	var pair struct {
		Key   graph.LooseString `json:"key"`
		Value graph.LooseString `json:"value"`
	}
	if err := json.Unmarshal(body, &pair); err != nil {
		return out, err
	}
	var key onDemandKey
	if strings.HasPrefix(strings.TrimSpace(string(pair.Key)), "{") {
		if err := json.Unmarshal([]byte(pair.Key), &key); err != nil {
			return out, fmt.Errorf("its key: %w", err)
		}
	}
	v, err := onDemandValueOf([]byte(pair.Value))
	if err != nil {
		return out, fmt.Errorf("its value: %w", err)
	}
	info := v.StatusInfo
	out = OnDemandResult{
		Result:            capitalized(cmp.Or(key.Result, info.Status)),
		Action:            v.Action,
		Steps:             stepsOf(v.Steps),
		Modified:          modifiedOf(v.Modified),
		ErrorCode:         cmp.Or(key.Details.ErrorCode, info.ErrorCode),
		ErrorMessage:      cmp.Or(key.Details.ErrorMessage, info.Reason),
		Reason:            info.Reason,
		RecommendedAction: info.RecommendedAction,
		SourceDisplayName: v.Source.DisplayName,
		TargetID:          v.Target.ID,
	}
	if out.ErrorCode == noError {
		out.ErrorCode = ""
	}
	if out.Result == "" {
		return OnDemandResult{}, errors.New("it doesn't say what the result is")
	}
	return out, nil
}

func onDemandValueOf(raw []byte) (v onDemandValue, err error) {
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		return v, json.Unmarshal(raw, &v)
	}
	var list []onDemandValue
	if err := json.Unmarshal(raw, &list); err != nil {
		return v, err
	}
	if len(list) != 1 {
		return v, fmt.Errorf("a list of %d, expected one", len(list))
	}
	return list[0], nil
}

// capitalized is a word in the spelling of this service; the logs' is in lower
// case.
func capitalized(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
