package scimapp

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/elimity-com/scim/errors"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Rules are what an application asks for beside SCIM itself. Each may be switched by itself.
type Rules struct {
	// Present are attributes that a user has to have: a name, a name and its part, or the name of a list.
	Present []string
	// OneValue are lists that hold one value at most.
	OneValue []string
	// PrimaryEmail says that the e-mail address of a new user has to be the primary one.
	PrimaryEmail bool
	// BadCharacters may not be in the texts of BadIn.
	BadCharacters string
	BadIn         []string
	// Login makes the name of an account of userName, or says why it can't; nil: it is userName.
	Login func(userName string) (string, error)
	// AskedBy is what a filter of users may look at, in lower case.
	AskedBy []string
	// InactiveFreesName says that somebody inactive has no name that another could want.
	InactiveFreesName bool
	// Cursor says that pages are asked for by cursor, and that startIndex does nothing.
	Cursor bool
	// Page is how many are on a page, at most.
	Page int
}

// Plain has SCIM's own rules alone: userName is required and unique, whatever its case (RFC 7643, 4.1.1). What can be
// asked for is left to the provider of the service (RFC 7644, 3.4.2.2); this one takes what Entra asks for by default
// (learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups).
func Plain() Rules {
	return Rules{AskedBy: []string{"username", "externalid", "displayname", "emails"}, Page: 100}
}

// IdentityCenter is AWS IAM Identity Center.
//
//   - docs.aws.amazon.com/singlesignon/latest/developerguide/createuser.html, "Constraints": givenName, familyName,
//     userName and displayName are required; one value of emails, addresses, phoneNumbers and roles; the e-mail address
//     is marked as primary.
//   - …/listusers.html: filters on userName and externalId, by eq; no startIndex, pages by cursor, 100 on one.
//   - learn.microsoft.com/entra/identity/saas-apps/aws-single-sign-on-provisioning-tutorial, "Invalid characters". Of
//     which attributes it doesn't say [?]: here of the names that are told at creation.
func IdentityCenter() Rules {
	return Rules{
		Present:       []string{"userName", "displayName", "name.givenName", "name.familyName"},
		OneValue:      []string{"emails", "addresses", "phoneNumbers", "roles"},
		PrimaryEmail:  true,
		BadCharacters: "\t\n\r<>;:%",
		BadIn:         []string{"userName", "displayName"},
		AskedBy:       []string{"username", "externalid"},
		Cursor:        true,
		Page:          100,
	}
}

// ManagedUsers is GitHub Enterprise with managed users, of an enterprise with a short code of three to eight
// characters.
//
//   - docs.github.com, "Username considerations for external authentication": how a name is made, and refused.
//   - …/rest/enterprise-admin/scim: emails are required, and users can be found by userName and externalId (reported).
//   - …/deprovisioning-and-reinstating-users: who is suspended has a hash for a name.
func ManagedUsers(shortCode string) Rules {
	return Rules{
		Present:           []string{"userName", "emails"},
		Login:             func(name string) (string, error) { return login(name, shortCode) },
		AskedBy:           []string{"username", "externalid"},
		InactiveFreesName: true,
		Page:              100,
	}
}

// longest is that of a name with underscore and short code.
const longest = 39

// login is the name that GitHub gives an account: what stands before the @ of a name or of the user principal name that
// a guest has at home, or behind the separator of a domain account, with a dash for all but letters and digits.
func login(userName, shortCode string) (string, error) {
	name := userName
	if i := strings.Index(strings.ToUpper(name), "#EXT#"); i >= 0 { // bob_example.com#EXT#@contoso.com
		name = name[:i]
		if at := strings.LastIndexByte(name, '_'); at >= 0 {
			name = name[:at]
		}
	}
	name = name[strings.LastIndexByte(name, '\\')+1:]
	name, _, _ = strings.Cut(name, "@")
	var out strings.Builder
	for _, r := range name {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			out.WriteRune(r)
		default:
			out.WriteByte('-')
		}
	}
	name = out.String()
	full := name + "_" + shortCode
	switch {
	case name == "":
		return "", fmt.Errorf("userName %q gives no name", userName)
	case name[0] == '-' || name[len(name)-1] == '-' || strings.Contains(name, "--"):
		return "", fmt.Errorf("the name %s begins or ends with a dash, or has two in a row", name)
	case utf8.RuneCountInString(full) > longest:
		return "", fmt.Errorf("the name %s has more than %d characters", full, longest)
	}
	return full, nil
}

// name is what an account is told from others by; "" is none.
func (r *Rules) name(userName string) (string, error) {
	if r.Login == nil {
		return userName, nil
	}
	return r.Login(userName)
}

func textAt(attributes rawjson.Object, path string) string {
	name, sub, inner := strings.Cut(path, ".")
	v := rawjson.At(attributes, name)
	if inner {
		v = rawjson.At(v, sub)
	}
	s, _ := v.(string)
	return s
}

// check says what is wrong with a user's attributes; nil: nothing.
func (r *Rules) check(attributes rawjson.Object, created bool) error {
	for _, path := range r.Present {
		list, isList := attributes[path].([]any)
		if isList && slices.ContainsFunc(list, func(v any) bool { return rawjson.At(v, "value") != nil }) {
			continue
		}
		if textAt(attributes, path) == "" {
			return refusal(http.StatusBadRequest, errors.ScimTypeInvalidValue, path+" is required.")
		}
	}
	for _, name := range r.OneValue {
		if list, _ := attributes[name].([]any); len(list) > 1 {
			return refusal(http.StatusBadRequest, errors.ScimTypeInvalidValue, "List attribute "+name+
				" exceeds allowed limit of 1.")
		}
	}
	for _, path := range r.BadIn {
		if strings.ContainsAny(textAt(attributes, path), r.BadCharacters) {
			return refusal(
				http.StatusBadRequest,
				errors.ScimTypeInvalidValue,
				path+" has a character that isn't allowed.",
			)
		}
	}
	if r.PrimaryEmail && created {
		for _, e := range rawjson.Objects(attributes["emails"]) {
			if e["primary"] != true {
				return refusal(http.StatusBadRequest, errors.ScimTypeInvalidValue, "The e-mail address isn't primary.")
			}
		}
	}
	if _, err := r.name(textAt(attributes, "userName")); err != nil {
		return refusal(http.StatusBadRequest, errors.ScimTypeInvalidValue, err.Error())
	}
	return nil
}

var equals = regexp.MustCompile(`^(?:urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):)?(\w+)` +
	`(?:\[type eq "work"\])?(?:\.value)? (?i:eq) ("(?:[^"\\]|\\.)*")$`)

// filter is the attribute, in lower case, and the value that a filter asks for.
func filter(text string) (attribute, value string, ok bool) {
	m := equals.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return "", "", false
	}
	return strings.ToLower(m[1]), rawjson.Unquote(m[2]), true
}

func refusal(status int, kind errors.ScimType, detail string) error {
	return errors.ScimError{Status: status, ScimType: kind, Detail: detail}
}
