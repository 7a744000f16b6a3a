package graph

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// Need is what an operation needs: one of some application permissions ([graph 6],
// "Least application permissions"; the wider ones include it).
type Need struct {
	Operation string
	AnyOf     []string
}

// claims are what we look at in an access token. It is the service that
// checks the token; we read it to say early what will be refused.
type claims struct {
	TenantID string   `json:"tid"`
	AppID    string   `json:"appid"`
	ObjectID string   `json:"oid"`
	Roles    []string `json:"roles"`
	Scopes   string   `json:"scp"`
}

// readClaims reads a token's claims; ok is false for a token that isn't a JWT.
func readClaims(token string) (c claims, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return c, false
	}
	return c, true
}

// missing compares the token's permissions with what is needed. A person's token
// (scp, as the Azure CLI's) is the service's to judge: what the person may do is
// decided by their directory roles, which the token doesn't hold.
func (c claims) missing(needs []Need) error {
	if c.Scopes != "" {
		return nil
	}
	have := slices.Clone(c.Roles)
	var missing []Need
	for _, n := range needs {
		if !slices.ContainsFunc(n.AnyOf, func(p string) bool { return slices.Contains(have, p) }) {
			missing = append(missing, n)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(have)
	return &MissingRolesError{Missing: missing, Have: have}
}
