package tfutil

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/usersync/terraform-provider-usersync/internal/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
	"github.com/usersync/terraform-provider-usersync/internal/text"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
	"github.com/usersync/terraform-provider-usersync/internal/usertype"
)

// NotConfiguredError says that a side of the provider that is needed isn't
// configured, or not yet known.
type NotConfiguredError struct{ Problem, Advice string }

func (e *NotConfiguredError) Error() string { return e.Problem }

// Failure makes the diagnostic of an error. doing is what failed, as a short
// sentence without a full stop.
func Failure(operation string, err error) diag.Diagnostic {
	summary, detail := describe(operation, err)
	return diag.NewErrorDiagnostic(summary, detail)
}

// FailureAt is Failure on an attribute.
func FailureAt(at path.Path, operation string, err error) diag.Diagnostic {
	summary, detail := describe(operation, err)
	return diag.NewAttributeErrorDiagnostic(at, summary, detail)
}

// FailureOf is Failure on an argument, outermost name first: on the outermost, and
// the detail begins with the whole.
func FailureOf(argument []string, operation string, err error) diag.Diagnostic {
	summary, detail := describe(operation, err)
	return diag.NewAttributeErrorDiagnostic(path.Root(argument[0]), summary, Named(argument, detail))
}

// FailureByStatus is Failure with advice that knows what Graph's answer means for
// this operation, by its HTTP status.
func FailureByStatus(operation string, err error, advice map[int]string) diag.Diagnostic {
	if refused, ok := errors.AsType[*entra.Error](err); ok && advice[refused.Status] != "" {
		err = WithAdvice(err, advice[refused.Status])
	}
	return Failure(operation, err)
}

// NotConfigured is the diagnostic of a provider that the CLI hasn't configured.
func NotConfigured(operation string) diag.Diagnostic {
	return Failure(operation, &NotConfiguredError{Problem: "The provider isn't configured yet"})
}

// DecisionFailure is the diagnostic of a decision's *ArgumentError, on the attribute
// that it names; of another error, on none. block is the one that holds the
// arguments, "" for none.
func DecisionFailure(block, operation string, err error) diag.Diagnostic {
	var a *decision.ArgumentError
	if !errors.As(err, &a) || len(a.Path) == 0 {
		return Failure(operation, err)
	}
	return FailureOf(Within(block, a.Path...), operation, a.Err)
}

// RuleFailure is the diagnostic of a *usertype.RuleError: on the block of the rules, or
// on match where it is about that alone.
func RuleFailure(block, operation string, err error) diag.Diagnostic {
	var r *usertype.RuleError
	if !errors.As(err, &r) {
		return Failure(operation, err)
	}
	key := r.Key
	if r.Rule >= 0 {
		key = fmt.Sprintf("%s[%d].%s", block, r.Rule, r.Key)
	}
	summary, detail := describe(operation, r.Err)
	return diag.NewAttributeErrorDiagnostic(path.Root(block), summary, key+": "+detail)
}

type adviser interface{ Advice() string }

// advised is an error with advice that fits better than the one that fits every
// request.
type advised struct {
	err    error
	advice string
}

func (e *advised) Error() string  { return e.err.Error() }
func (e *advised) Advice() string { return e.advice }

// WithAdvice gives an error other advice than its own.
func WithAdvice(err error, advice string) error { return &advised{err, advice} }

// describe gives a diagnostic's texts. An error's text may hold what a service or a file
// said (a name, an address, a path into the file), so that it is sanitized here.
func describe(operation string, err error) (summary, detail string) {
	summary, detail = texts(operation, err)
	return sanitize.Line(summary), sanitize.Text(detail)
}

// texts gives the texts of the errors that the provider's own configuration
// causes, of those of the services and readings, and of the rest.
func texts(operation string, err error) (summary, detail string) {
	for _, tell := range []func(operation string, err error) (summary, detail string){
		ofConfiguration,
		ofService,
		ofReading,
	} {
		if summary, detail = tell(operation, err); summary != "" {
			return summary, detail
		}
	}
	var advised adviser
	var unanswered *url.Error
	switch {
	case errors.As(err, &advised):
		return operation + " failed", join(Capital(err.Error()), advised.Advice())
	case errors.As(err, &unanswered):
		return operation + " failed", join(Capital(sanitize.Line(err.Error())), "No whole answer came. Reading "+
			"changes nothing; a write may have arrived all the same, which the next plan shows. Apply again, and the "+
			"rest follows.")
	}
	return operation + " failed", Capital(err.Error()) + "."
}

// ofConfiguration is about who runs the provider, and how.
func ofConfiguration(operation string, err error) (summary, detail string) {
	var (
		untrusted     *tls.CertificateVerificationError
		notConfigured *NotConfiguredError
		config        *entra.ConfigError
		orgConfig     *atlassian.ConfigError
	)
	switch {
	case errors.As(err, &untrusted):
		return operation + " failed: a certificate isn't trusted", Capital(sanitize.Line(err.Error())) + ".\n\n" +
			"Name the certificate authority in the provider's ca_file: the simulator's, or that of a proxy in between."
	case errors.Is(err, context.Canceled):
		return operation + " was interrupted", "It was canceled before it ended. Reading changes nothing; a write " +
			"that was under way may have arrived, which the next plan shows."
	case errors.As(err, &notConfigured):
		return operation + " needs more of the provider's " +
			"configuration", join(sanitize.Line(notConfigured.Problem), sanitize.Line(notConfigured.Advice))
	case errors.As(err, &config):
		return "The provider's entra configuration is incomplete or wrong", join(config.Error(), "")
	case errors.As(err, &orgConfig):
		return "The provider's organizations configuration is incomplete or wrong", join(
			orgConfig.Error(),
			organizationAdvice(orgConfig.Argument),
		)
	}
	return "", ""
}

// OrganizationKeys are the keys of an organization in the provider block. It is an object, so that the CLIs drop any
// other key without a word: where one is missed, they are named.
var OrganizationKeys = []string{
	"api_key", "api_key_expires_on", "endpoint", "organization_id", "scim_directory_id", "scim_token",
	"verified_domains",
}

// OrganizationKeysAdvice names the keys where one is missed.
func OrganizationKeysAdvice() string {
	return "The keys of an organization are " + strings.Join(OrganizationKeys, ", ") + "; the CLIs drop any other " +
		"without a word."
}

// organizationAdvice is for an argument that may be missing because it is misspelled.
func organizationAdvice(argument string) string {
	if argument == "organization_id" || argument == "api_key" {
		return OrganizationKeysAdvice()
	}
	return ""
}

// ofService is about what a service answered, or didn't.
func ofService(operation string, err error) (summary, detail string) {
	var (
		signIn *entra.SignInError
		roles  *entra.MissingRolesError
		graph  *entra.Error
		org    *atlassian.Error
	)
	switch {
	case errors.As(err, &roles):
		return "Permissions are missing", join(Capital(roles.Error()), "Grant them to the application at its "+
			"registration, under API permissions, and have an administrator consent.")
	case errors.As(err, &signIn):
		return "Signing in to Entra failed", join(Capital(signIn.Error()), signIn.Advice())
	case errors.Is(err, context.DeadlineExceeded):
		return operation + " took too long", "It didn't end within the time that timeouts allows. What was under way " +
			"may have arrived: the next plan shows it."
	case errors.As(err, &graph):
		return operation + " failed", join(Capital(graph.Error()), graph.Advice())
	case errors.As(err, &org):
		return operation + " failed", join(Capital(org.Error()), org.Advice())
	}
	return "", ""
}

// ofReading is about what was read, and what of it was asked for.
func ofReading(operation string, err error) (summary, detail string) {
	var (
		snapshot *directory.SnapshotError
		reading  *directory.ReadingError
		notFound *directory.NotFoundError
	)
	switch {
	case errors.As(err, &snapshot):
		short := *snapshot // the problem follows the path, which a file may make as long as it likes
		short.File, short.Path = sanitize.Name(short.File), sanitize.Name(short.Path)
		return "The snapshot can't be used", join(sanitize.Line(short.Error()), "")
	case errors.As(err, &reading):
		return "The reading can't be used", sanitize.Line(reading.Reason)
	case errors.As(err, &notFound) && len(notFound.IDs) > 0:
		return Capital(notFound.Kind) + " name is ambiguous", notFound.Error()
	case errors.As(err, &notFound):
		return Capital(notFound.Kind) + " not found", notFound.Error()
	case errors.Is(err, transport.ErrOtherHost):
		return operation + " was refused", join(Capital(sanitize.Line(err.Error())), "The token is sent to the "+
			"configured host alone. If the service answered this, something stands between it and you.")
	}
	return "", ""
}

func join(problem, advice string) string {
	if problem != "" && !strings.HasSuffix(problem, ".") && !strings.HasSuffix(problem, "?") {
		problem += "."
	}
	if advice == "" {
		return problem
	}
	return problem + "\n\n" + advice
}

// Capital begins a text with a capital, but for the name of an attribute or
// argument, which is written as it is.
func Capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	word, _, _ := strings.Cut(s, " ")
	if strings.ToLower(word) != word || strings.ContainsAny(strings.TrimRight(word, ":,"), "._[(") {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// MaxNames is how many names a diagnostic shows.
const MaxNames = 10

// Names lists up to ten names, escaped, and how many more there are.
func Names(names []string) string { return FirstNames(names, len(names)) }

// FirstNames does the same where only the first names of a larger number are held.
func FirstNames(names []string, total int) string {
	shown := make([]string, 0, MaxNames)
	for _, n := range names[:min(len(names), MaxNames)] {
		shown = append(shown, text.Plain(n))
	}
	s := strings.Join(shown, ", ")
	if more := total - len(shown); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}
