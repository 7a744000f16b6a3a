package expression

import (
	"slices"
	"strings"
)

// WarningCode names a kind of warning.
type WarningCode string

// shipped are functions that no page of app provisioning has, and yet
// Microsoft's own default mappings use, Trim 183 times ([expressions 3.1], O).
var shipped = []string{"Trim", "Error"}

// The kinds of warnings.
const (
	WarnNullTest        WarningCode = "null-test-in-iif"         // IIF([c]="",..), IIF(IsPresent([c]),..)
	WarnNoFlowCondition WarningCode = "no-flow-as-condition"     // IgnoreFlowIfNullOrEmpty as IIF's condition
	WarnNoFlowInside    WarningCode = "no-flow-inside-function"  // IgnoreFlowIfNullOrEmpty inside another function
	WarnBooleanSwitch   WarningCode = "boolean-switch-source"    // Switch(IsPresent([c]),..)
	WarnSwitchDefault   WarningCode = "switch-default"           // the service's fault with defaults
	WarnSwitchDuplicate WarningCode = "switch-key-repeated"      // the second of equal keys is never reached
	WarnReference       WarningCode = "switch-on-reference"      // Switch([manager],..)
	WarnUndocumented    WarningCode = "not-in-reference"         // a function that the reference page lacks
	WarnKeyword         WarningCode = "keyword-not-in-reference" // IgnoreAttributeFlow, IgnoreObjectFlow
	WarnComparison      WarningCode = "comparison-outside-iif"   // seen in IIF and CBool only
	WarnClock           WarningCode = "depends-on-clock"         // the plan can change by itself
	WarnRandom          WarningCode = "random"                   // each evaluation gives another value
	WarnConstantMatch   WarningCode = "constant-matching-value"  // everyone has the value to match by
	WarnOffset          WarningCode = "offset-may-shift-the-day" // zzz or K in an input format
)

func (c *compiler) warn(at Node, code WarningCode, message string) {
	c.warnings = append(c.warnings, Warning{Pos: at.Position(), Code: code, Message: message})
}

// lint looks for what is legal and yet advised against or undocumented.
func (c *compiler) lint(e *Expression) {
	c.lintNode(e.root, nil, 0)
	if c.ctx.Matching && e.Facts().Constant {
		c.warn(e.root, WarnConstantMatch, "the expression gives the same value for all users, so that it can't match "+
			"one object")
	}
}

// lintNode visits a part that is the i-th argument of parent.
func (c *compiler) lintNode(n Node, parent *Call, i int) {
	switch n := n.(type) {
	case *Call:
		c.lintCall(n, parent, i)
		for k, a := range n.Args {
			c.lintNode(a, n, k)
		}
	case *Comparison:
		if parent == nil || i != 0 || parent.Name != "IIF" && parent.Name != "CBool" {
			c.warn(n, WarnComparison, "comparisons are documented as the condition of IIF and in CBool only")
		}
		c.lintNode(n.Left, nil, 0)
		c.lintNode(n.Right, nil, 0)
	case *Keyword:
		if n.Name == wordDropAttribute || n.Name == wordDropObject {
			c.warn(n, WarnKeyword, n.Name+" occurs in Microsoft's Workday guide only; the functions reference "+
				"doesn't have it")
		}
	}
}

func (c *compiler) lintCall(n *Call, parent *Call, i int) {
	def, ok := functionTable[n.Name]
	if !ok {
		return
	}
	if def.origin != fromReference {
		c.warn(n, WarnUndocumented, n.Name+" isn't in the functions reference of app provisioning; the service may "+
			"refuse it")
		c.warnings[len(c.warnings)-1].Shipped = slices.Contains(shipped, n.Name)
	}
	if def.effects&usesClock != 0 {
		c.warn(n, WarnClock, "the value depends on the time of evaluation, so that it can change without any change "+
			"of the user")
	}
	if def.effects&usesRandom != 0 {
		c.warn(n, WarnRandom, "each evaluation gives another value; apply the mapping only during object creation")
	}
	switch n.Name {
	case "IIF":
		c.lintCondition(n)
	case "Switch":
		c.lintSwitch(n, parent)
	case "IgnoreFlowIfNullOrEmpty":
		if parent != nil && !isBranch(parent, i) && !(parent.Name == "IIF" && i == 0) {
			c.warn(n, WarnNoFlowInside, "inside "+parent.Name+" the effect isn't documented; here it drops the whole "+
				"attribute")
		}
	case "FormatDateTime":
		args := canonicalArgs(n)
		if len(args) > formatInput {
			if s, ok := constText(args[formatInput]); ok && strings.ContainsAny(s, "zK") {
				c.warn(n, WarnOffset, "an offset in the source moves the date to the server's time, taken to be UTC: "+
					"the day may shift")
			}
		}
	}
}

// isBranch tells whether the i-th argument is one of a function's possible
// results, which pass through it unchanged.
func isBranch(parent *Call, i int) bool {
	switch parent.Name {
	case "IIF":
		return i > 0
	case "Switch":
		return i == 1 || i > 2 && i%2 == 1
	case "Coalesce", "Redact":
		return true
	}
	return false
}

func (c *compiler) lintCondition(n *Call) {
	if len(n.Args) == 0 {
		return
	}
	const advice = "the reference says that IIF's condition fails on a null or empty attribute and lists this form " +
		"as unsupported, though its guides use it; Switch with the key \"\" is safe"
	switch cond := n.Args[0].(type) {
	case *Comparison:
		l, lok := cond.Left.(*Text)
		r, rok := cond.Right.(*Text)
		if lok && l.Value == "" || rok && r.Value == "" {
			c.warn(cond, WarnNullTest, advice)
		}
	case *Call:
		switch cond.Name {
		case "IsNull", "IsNullOrEmpty", "IsPresent":
			c.warn(cond, WarnNullTest, advice)
		case "IgnoreFlowIfNullOrEmpty":
			c.warn(cond, WarnNoFlowCondition, "the reference advises against this as a condition; wrap the whole IIF "+
				"instead")
		}
	}
}

func (c *compiler) lintSwitch(n *Call, parent *Call) {
	if len(n.Args) < 2 {
		return
	}
	if src, ok := n.Args[0].(*Call); ok &&
		(src.Name == "IsNull" || src.Name == "IsNullOrEmpty" || src.Name == "IsPresent") {
		c.warn(src, WarnBooleanSwitch, "the reference advises against "+src.Name+" as the source of Switch; use the "+
			"key \"\" instead")
	}
	if src, ok := n.Args[0].(*Attribute); ok && src.Name == "manager" {
		c.warn(src, WarnReference, "the reference says that Switch isn't for reference attributes such as manager")
	}
	if c.ctx.EntraSource && n.Args[1] != nil && (parent == nil || parent.Name != "IgnoreFlowIfNullOrEmpty") {
		c.warn(n, WarnSwitchDefault, "with Entra ID as the source the service can evaluate a Switch with a default "+
			"as null when another attribute changes; use IIF, or wrap it in IgnoreFlowIfNullOrEmpty")
	}
	seen := map[string]bool{}
	for k := 2; k < len(n.Args); k += 2 {
		key, ok := constText(n.Args[k])
		if ok && seen[key] {
			c.warn(n.Args[k], WarnSwitchDuplicate, "this key was given before; the first one is taken")
		}
		if ok {
			seen[key] = true
		}
	}
}
