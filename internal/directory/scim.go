package directory

import "slices"

// SCIMUser is a user of an Atlassian SCIM directory, reduced to what tells
// whose it is and whether it is linked [atlassian 2.4].
type SCIMUser struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id,omitempty"`
	UserName   string `json:"user_name,omitempty"`
	// Emails are all addresses, the primary one first.
	Emails []string `json:"emails,omitempty"`
	// Active is true where the record says nothing: the default [atlassian 2.4].
	Active bool `json:"active"`
	// AccountID is the Atlassian account that it is linked to, "" for none.
	AccountID string `json:"account_id,omitempty"`
}

// SCIMGroup is a group of an Atlassian SCIM directory.
type SCIMGroup struct {
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	ExternalID  string `json:"external_id,omitempty"`
	// Members are ids of SCIM users.
	Members []string `json:"members,omitempty"`
}

// SCIMDirectory is what a SCIM directory holds.
type SCIMDirectory struct {
	Users  []SCIMUser  `json:"users"`
	Groups []SCIMGroup `json:"groups"`
}

// Sort puts records in order of id, each once.
func (d *SCIMDirectory) Sort() {
	d.Users = lastOfEach(d.Users, func(u *SCIMUser) string { return u.ID })
	d.Groups = lastOfEach(d.Groups, func(g *SCIMGroup) string { return g.ID })
	for i := range d.Groups {
		slices.Sort(d.Groups[i].Members)
		d.Groups[i].Members = slices.Compact(d.Groups[i].Members)
	}
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
		ExternalID  string `json:"externalId"`
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
	out := SCIMGroup{ID: g.ID, DisplayName: g.DisplayName, ExternalID: g.ExternalID}
	for _, m := range g.Members {
		out.Members = append(out.Members, m.Value)
	}
	return out, nil
}
