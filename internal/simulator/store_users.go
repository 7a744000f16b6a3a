package simulator

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// allows says whether a partner has automatic redemption; one that inherits has the default, which is no
// [graph 5].
func (s *store) allows(tenant, direction string) bool {
	partner := s.partners.get(tenant)
	return partner != nil && rawjson.Member(partner.value("automaticUserConsentSettings"), direction) == "true"
}

// identify gives a user its alternativeSecurityIds.
func (s *store) identify(ref int32, netID string) {
	if old := s.netIDs[ref]; old != "" && s.byNetID[strings.ToLower(old)] == ref {
		delete(s.byNetID, strings.ToLower(old))
	}
	if netID == "" {
		delete(s.netIDs, ref)
		return
	}
	s.netIDs[ref], s.byNetID[strings.ToLower(netID)] = netID, ref
}

// invited says whether a user lives elsewhere.
func (o *object) invited() bool {
	return strings.Contains(strings.ToUpper(o.text("userPrincipalName")), "#EXT#@")
}

func (o *object) pending() bool { return o.text("externalUserState") == "PendingAcceptance" }

// legacyNames are the names by which provisioning knows properties of Graph [graph 3.5, D]; the
// others have one name for both.
var legacyNames = map[string]string{
	"physicalDeliveryOfficeName": "officeLocation", "mobile": "mobilePhone", "facsimileTelephoneNumber": "faxNumber",
	"userState": "externalUserState", "immutableId": "onPremisesImmutableId", "dirSyncEnabled": "onPremisesSyncEnabled",
	"originalUserPrincipalName": "userPrincipalName",
}

// plainPrincipal is a principal name without what a tenant adds to that of an external user: the
// name at home, whose domain stands behind the last underscore [graph 1.6, D].
func plainPrincipal(name string) string {
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

// internalMember says whether cross-tenant synchronization takes a user [cross-tenant 1, D]. Old
// users have no type.
func (o *object) internalMember() bool {
	return !o.invited() && o.value("creationType") == "null" && o.text("userType") != "Guest"
}

// isDynamic says whether a rule makes a group's members.
func (o *object) isDynamic() bool {
	return slices.Contains(rawjson.Strings(o.value("groupTypes")), "DynamicMembership")
}

func (s *store) isGroup(ref int32) bool {
	o := s.slots[ref].obj
	return o.ent == s.group && o.life == live
}

// fillUser adds what the service sets by itself: [graph 1.2].
func (s *store) fillUser(set map[int]string, now string) {
	give := func(name, raw string) {
		if i := s.user.index(name); set[i] == "" {
			set[i] = raw
		}
	}
	give("userType", `"Member"`)
	give("createdDateTime", rawjson.Quote(now))
	give("identities", string(rawjson.Marshal([]any{map[string]any{
		"signInType": "userPrincipalName", "issuer": s.initialDomain(),
		"issuerAssignedId": rawjson.Unquote(set[s.user.index("userPrincipalName")]),
	}})))
}

// addPrimary makes a mail address the primary SMTP entry, the former one an alias [graph 1.2].
func addPrimary(old []string, mail string) []string {
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
