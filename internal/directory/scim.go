package directory

// SCIMUser is a user of an Atlassian SCIM directory, reduced to what tells
// whose it is and whether it is linked [atlassian 2.4].
type SCIMUser struct {
	ID, ExternalID, UserName string
	// Emails are all addresses, the primary one first.
	Emails []string
	// Active is True where the record says nothing: the default [atlassian 2.4].
	Active bool
	// AccountID is the Atlassian account that it is linked to, "" for none.
	AccountID string
}

// SCIMGroup is a group of an Atlassian SCIM directory.
type SCIMGroup struct {
	ID, DisplayName string
	// Members are ids of SCIM users.
	Members []string
}

// SCIMDirectory is what a SCIM directory holds.
type SCIMDirectory struct {
	Users  []SCIMUser
	Groups []SCIMGroup
}

// DecodeSCIMUser decodes one user of a SCIM directory.
func DecodeSCIMUser(raw []byte) (SCIMUser, error) {
	var u struct {
		ID         string `json:"id"`
		ExternalID string `json:"externalId"`
		UserName   string `json:"userName"`
		Active     *bool  `json:"active"`
		Emails     []struct {
			Value   string `json:"value"`
			Primary bool   `json:"primary"`
		} `json:"emails"`
		Link *struct {
			AccountID string `json:"atlassianAccountId"`
		} `json:"urn:scim:schemas:extension:atlassian-external:1.0"`
	}
	if err := unmarshal(raw, &u); err != nil {
		return SCIMUser{}, err
	}
	if u.ID == "" {
		return SCIMUser{}, &SyntaxError{Problem: "a SCIM user has no id"}
	}
	out := SCIMUser{ID: u.ID, ExternalID: u.ExternalID, UserName: u.UserName, Active: u.Active == nil || *u.Active}
	for _, first := range []bool{true, false} {
		for _, e := range u.Emails {
			if e.Primary == first && e.Value != "" {
				out.Emails = append(out.Emails, e.Value)
			}
		}
	}
	if u.Link != nil {
		out.AccountID = u.Link.AccountID
	}
	return out, nil
}

// DecodeSCIMGroup decodes one group of a SCIM directory.
func DecodeSCIMGroup(raw []byte) (SCIMGroup, error) {
	var g struct {
		ID          string `json:"id"`
		DisplayName string `json:"displayName"`
		Members     []struct {
			Value string `json:"value"`
		} `json:"members"`
	}
	if err := unmarshal(raw, &g); err != nil {
		return SCIMGroup{}, err
	}
	if g.ID == "" {
		return SCIMGroup{}, &SyntaxError{Problem: "a SCIM group has no id"}
	}
	out := SCIMGroup{ID: g.ID, DisplayName: g.DisplayName}
	for _, m := range g.Members {
		out.Members = append(out.Members, m.Value)
	}
	return out, nil
}
