package graph

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// WriteOnly are properties that a request may hold and no answer does.
var WriteOnly = map[string]bool{
	"passwordProfile": true, "@odata.type": true, "members@odata.bind": true, "owners@odata.bind": true,
}

// CheckProperties turns the members of a request into properties to set, refusing what the service refuses.
// now is the object that is changed, nil when one is created.
func (c *Call) CheckProperties(
	e *tenant.Entity, list []rawjson.Field, now *tenant.Object,
) (map[int]string, *odata.Error) {
	set := map[int]string{}
	for _, f := range list {
		if WriteOnly[f.Name] {
			continue
		}
		i, ok := e.Find(f.Name)
		if !ok && e.Unbuilt(f.Name) {
			err := odata.NotBuilt("the property " + f.Name + " of a " + e.Name)
			return nil, &err
		}
		if !ok {
			err := odata.Invalid("Property '%s' does not exist as a declared property or extension property.", f.Name)
			return nil, &err
		}
		if err := checkValue(e, i, f.Raw, now); err != nil {
			return nil, err
		}
		set[i] = f.Raw
	}
	return set, nil
}

func checkValue(e *tenant.Entity, i int, raw string, now *tenant.Object) *odata.Error {
	p := e.Prop(i)
	fail := func(err odata.Error) *odata.Error { return &err }
	badValue := fmt.Sprintf("Invalid value specified for property '%s' of resource '%s'.", p.Name, e.Title)
	if err := p.Kind.Check(raw); err != nil {
		return fail(
			odata.BadRequest(
				"RequestBodyRead",
				fmt.Sprintf("Cannot convert the literal '%s' to the expected type '%s'.", Clip(raw), p.Kind.EDM()),
			),
		)
	}
	if p.Has(tenant.ReadOnly) {
		return fail(odata.Invalid("Property '%s' is read-only and cannot be set.", p.Name))
	}
	if now != nil && !p.Has(tenant.CloudOwn) && now.Value("onPremisesSyncEnabled") == "true" {
		return fail(ErrOnPremises)
	}
	switch {
	case raw == "null" && (p.Has(tenant.NotNull) || p.Kind.Collection()), raw == `""`:
		return fail(odata.Invalid("%s", badValue))
	case raw == "null":
		return nil
	}
	if text := rawjson.Unquote(raw); p.Max > 0 && utf8.RuneCountInString(text) > p.Max {
		return fail(odata.Invalid("%s", badValue))
	}
	return checkWords(p.Name, raw, fail, badValue)
}

// ErrOnPremises refuses to change what the on-premises directory is the master of ([graph 1.7]; the
// words are [F]).
var ErrOnPremises = odata.Invalid(
	"Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently " +
		"undergoing migration.",
)

var countryCode = regexp.MustCompile(`^[A-Za-z]{2}$`)

// checkWords holds the properties whose values are from a list or of a form [graph 1.2].
func checkWords(name, raw string, fail func(odata.Error) *odata.Error, badValue string) *odata.Error {
	text := rawjson.Unquote(raw)
	ok := true
	switch name {
	case "userType":
		ok = text == "Member" || text == "Guest"
	case "usageLocation":
		ok = countryCode.MatchString(text)
	case "mail", "userPrincipalName":
		local, domain, found := naming.CutLast(text, "@")
		ok = found && local != "" && domain != "" && !strings.ContainsAny(text, " \t\r\n")
	case "otherMails":
		for _, m := range rawjson.Strings(raw) {
			ok = ok && strings.Contains(m, "@")
		}
	}
	if ok {
		return nil
	}
	err := odata.Invalid("%s", badValue)
	err.Details = []odata.ErrorDetail{{Code: "InvalidValue", Target: name, Message: badValue}}
	return fail(err)
}

// Clip is a raw value as a message shows it.
func Clip(raw string) string {
	raw = strings.Trim(raw, `"`)
	if len(raw) > 40 {
		return strings.ToValidUTF8(raw[:40], "") + "…"
	}
	return raw
}

// MissingProperty asks for what a create needs; a user also needs a password.
func MissingProperty(e *tenant.Entity, list []rawjson.Field, set map[int]string) *odata.Error {
	for i, p := range e.Properties() {
		if raw, ok := set[i]; p.Has(tenant.Required) && (!ok || raw == "null") {
			err := odata.Invalid("A value is required for property '%s' of resource '%s'.", p.Name, e.Title)
			return &err
		}
	}
	if e.Name != "user" {
		return nil
	}
	for _, f := range list {
		if f.Name == "passwordProfile" && rawjson.Member(f.Raw, "password") != "" {
			return nil
		}
	}
	err := odata.Invalid("A password must be specified to create a new user.")
	return &err
}
