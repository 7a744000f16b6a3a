package tenant

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Allows says whether a partner has automatic redemption; one that inherits has the default, which is no
// [graph 5].
func (s *Store) Allows(tenant, direction string) bool {
	partner := s.Partners.Get(tenant)
	return partner != nil && rawjson.Member(partner.Value("automaticUserConsentSettings"), direction) == "true"
}

// Identify gives a user its alternativeSecurityIds.
func (s *Store) Identify(ref int32, netID string) {
	if old := s.NetIDs[ref]; old != "" && s.ByNetID[strings.ToLower(old)] == ref {
		delete(s.ByNetID, strings.ToLower(old))
	}
	if netID == "" {
		delete(s.NetIDs, ref)
		return
	}
	s.NetIDs[ref], s.ByNetID[strings.ToLower(netID)] = netID, ref
}

// Invited says whether a user lives elsewhere.
func (o *Object) Invited() bool {
	return strings.Contains(strings.ToUpper(o.Text("userPrincipalName")), "#EXT#@")
}

// Pending says whether an invitation wasn't redeemed yet.
func (o *Object) Pending() bool { return o.Text("externalUserState") == "PendingAcceptance" }

// LegacyNames are the names by which provisioning knows properties of Graph [graph 3.5, D]; the
// others have one name for both.
var LegacyNames = map[string]string{
	"physicalDeliveryOfficeName": "officeLocation", "mobile": "mobilePhone", "facsimileTelephoneNumber": "faxNumber",
	"userState": "externalUserState", "immutableId": "onPremisesImmutableId", "dirSyncEnabled": "onPremisesSyncEnabled",
	"originalUserPrincipalName": "userPrincipalName",
}

// HomePrincipalName is a principal name without what a tenant adds to that of an external user: the
// name at home, whose domain stands behind the last underscore [graph 1.6, D].
func HomePrincipalName(name string) string {
	at := strings.Index(strings.ToUpper(name), "#EXT#@")
	if at < 0 {
		return name
	}
	home := name[:at]
	if i := strings.LastIndexByte(home, '_'); i >= 0 {
		return home[:i] + "@" + home[i+1:]
	}
	return name
}

// InternalMember says whether cross-tenant synchronization takes a user [cross-tenant 1, D]. Old
// users have no type.
func (o *Object) InternalMember() bool {
	return !o.Invited() && o.Value("creationType") == "null" && o.Text("userType") != "Guest"
}

// IsDynamic says whether a rule makes a group's members.
func (o *Object) IsDynamic() bool {
	return slices.Contains(rawjson.Strings(o.Value("groupTypes")), "DynamicMembership")
}

// IsGroup says whether a reference is that of a live group.
func (s *Store) IsGroup(ref int32) bool {
	o := s.Slots[ref].Object
	return o.Entity == s.GroupType && o.Life == Live
}

// FillUser adds what the service sets by itself: [graph 1.2].
func (s *Store) FillUser(set map[int]string, now string) {
	give := func(name, raw string) {
		if i := s.UserType.Index(name); set[i] == "" {
			set[i] = raw
		}
	}
	give("userType", `"Member"`)
	give("createdDateTime", rawjson.Quote(now))
	give("identities", string(rawjson.Marshal([]any{map[string]any{
		"signInType": "userPrincipalName", "issuer": s.InitialDomain(),
		"issuerAssignedId": rawjson.Unquote(set[s.UserType.Index("userPrincipalName")]),
	}})))
}

// AddPrimary makes a mail address the primary SMTP entry, the former one an alias [graph 1.2].
func AddPrimary(old []string, mail string) []string {
	out := []string{"SMTP:" + mail}
	for _, a := range old {
		if strings.EqualFold(a, "smtp:"+mail) {
			continue
		}
		if rest, ok := strings.CutPrefix(a, "SMTP:"); ok {
			a = "smtp:" + rest
		}
		out = append(out, a)
	}
	return out
}

// SetAlternativeSecurityID sets what cross-tenant synchronization matches by, which no request shows: of the
// user of this tenant the id that the same person has as a user of the source tenant; "" takes it away.
func (s *Store) SetAlternativeSecurityID(user, sourceID string) error {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	ref, err := s.locate(user)
	if err == nil && s.Slots[ref].Object.Entity != s.UserType {
		err = fmt.Errorf("%q isn't a user", user)
	}
	if err == nil {
		s.Identify(ref, sourceID)
	}
	return err
}

// AlternativeSecurityID is what [Server.SetAlternativeSecurityID] or synchronization set, "" for nothing.
func (s *Store) AlternativeSecurityID(user string) (string, error) {
	s.Mu.RLock()
	defer s.Mu.RUnlock()
	ref, err := s.locate(user)
	return s.NetIDs[ref], err
}
