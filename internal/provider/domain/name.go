package domain

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"golang.org/x/net/publicsuffix"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// checkName gives a domain in the form in which all sides compare it, or says
// why nobody could hold it.
func checkName(name string) (ascii, problem string) {
	ascii = directory.ASCIIDomain(name)
	labels := strings.Split(ascii, ".")
	switch {
	case ascii == "":
		return "", fmt.Sprintf("%q is no domain name. Expected one such as company.com, without https:// and without "+
			"a path; capitals, a dot at the end and letters beyond ASCII are fine.", name)
	case len(labels) < 2:
		return "", fmt.Sprintf("%q has no dot: it is no domain that somebody could own. Expected one such as "+
			"company.com.", name)
	case len(ascii) > 253:
		return "", fmt.Sprintf("%q has %d characters in ASCII form; DNS allows 253.", name, len(ascii))
	}
	for _, label := range labels {
		if len(label) > 63 {
			return "", fmt.Sprintf("%q has a part of %d characters in ASCII form; DNS allows 63.", name, len(label))
		}
		if strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") || strings.ContainsFunc(label, notOfHost) {
			return "", fmt.Sprintf("%q is no domain name: %q isn't letters, digits and hyphens between "+
				"them.", name, label)
		}
	}
	if decision.PublicMail(ascii) {
		return "", fmt.Sprintf("%s is a public mail provider's domain, which no company can verify. Users with an "+
			"address there sync as guests, or with a mail on a domain of the company.", ascii)
	}
	return ascii, ""
}

func notOfHost(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
}

// nameValidator refuses, at plan time, what can't be verified anywhere.
type nameValidator struct{}

func (nameValidator) Description(context.Context) string {
	return "a domain name that a company can own"
}

func (v nameValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (nameValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, problem := checkName(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "This domain can't be verified", problem)
	}
}

// sameName replaces the resource where another domain is meant, and keeps the
// state's spelling where it is the same one, spelled otherwise.
type sameName struct{}

func (sameName) Description(context.Context) string { return "another domain makes another resource" }

func (m sameName) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (sameName) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	switch {
	case req.State.Raw.IsNull(), req.Plan.Raw.IsNull(), req.StateValue.IsNull():
	case req.PlanValue.IsUnknown():
		resp.RequiresReplace = true
	case directory.ASCIIDomain(req.PlanValue.ValueString()) == directory.ASCIIDomain(req.StateValue.ValueString()):
		resp.PlanValue = req.StateValue
	default:
		resp.RequiresReplace = true
	}
}

// zoneOf is the zone that DNS providers usually have a domain in: the part of
// it that can be registered, by the public suffix list.
func zoneOf(ascii string) string {
	zone, err := publicsuffix.EffectiveTLDPlusOne(ascii)
	if err != nil { // the domain is itself a suffix under which others register
		return ascii
	}
	return zone
}

// within gives a name relative to a zone, "@" for the zone itself; ok is false
// for a name outside it.
func within(name, zone string) (relative string, ok bool) {
	if name == zone {
		return "@", true
	}
	return strings.CutSuffix(name, "."+zone)
}
