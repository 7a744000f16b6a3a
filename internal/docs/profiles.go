package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/scimapp"
)

// applicationProfiles makes the page of profiles of SCIM applications from the profiles.
func applicationProfiles() ([]byte, error) {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("---\npage_title: \"Application profiles\"\nsubcategory: \"\"\ndescription: |-\n  What is known of the " +
		"applications of connector = \"scim\": each rule, how sure it is, and the page that says it.\n---\n")
	line("# Application profiles\n")
	line("With `connector = \"scim\"` the argument `application` names a profile: the rules of the application that " +
		"receives the users. Each rule has the page that says it. What no page says is no rule; whatever the " +
		"application refuses beside them shows only in the provisioning log.\n")
	for _, name := range decision.Applications() {
		p, err := scimapp.Get(name)
		if err != nil {
			return nil, err
		}
		title := p.Title
		if name == scimapp.Generic {
			title = "Any application"
		}
		line("## %s\n", title)
		line("`application = %q`\n", name)
		line("Who breaks none of the rules is `provisioned` (%s). %s ([source](%s))\n", p.Provisioned.Confidence,
			p.Provisioned.Says, p.Provisioned.Source)
		line("| rule | attribute | what it says | sure |")
		line("| --- | --- | --- | --- |")
		for i := range p.Rules {
			r := &p.Rules[i]
			about := r.Attribute
			if about == "" {
				about = strings.Join(r.Attributes, ", ")
			}
			if about != "" {
				about = "`" + about + "`"
			}
			says := strings.NewReplacer("|", "\\|", "<", "&lt;", ">", "&gt;").Replace(r.Says)
			line("| %s | %s | %s ([source](%s)) | %s |", strings.ReplaceAll(r.Kind, "_", " "), about, says, r.Source,
				r.Confidence)
		}
		line("")
	}
	line("Another profile is one file: CONTRIBUTING says how to write it.")
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
