package expression

import "strings"

// Facts is what the syntax tree tells about an expression, whatever branch an
// evaluation takes.
type Facts struct {
	Attributes []string // referenced, in the order of the text, each once
	Functions  []string // called, likewise

	Clock     bool // Now
	Random    bool // Guid, RandomString
	Directory bool // SelectUniqueValue, DefaultDomain, app roles
	Redacted  bool // Redact: treat the value as sensitive
	Constant  bool // the same value for every object, always
	DropsFlow bool // may leave out the attribute or the object
}

// Facts reads them off the tree.
func (e *Expression) Facts() Facts {
	var f Facts
	walk(e.root, func(n Node) {
		switch n := n.(type) {
		case *Attribute:
			f.Attributes = addOnce(f.Attributes, n.Name)
		case *Keyword:
			f.DropsFlow = f.DropsFlow || n.Name == wordDropAttribute || n.Name == wordDropObject
			f.Directory = f.Directory || strings.HasPrefix(n.Name, "%")
		case *Call:
			f.Functions = addOnce(f.Functions, n.Name)
			f.DropsFlow = f.DropsFlow || n.Name == "IgnoreFlowIfNullOrEmpty"
			if def, ok := functionTable[n.Name]; ok {
				f.Clock = f.Clock || def.effects&usesClock != 0
				f.Random = f.Random || def.effects&usesRandom != 0
				f.Directory = f.Directory || def.effects&usesDirectory != 0
				f.Redacted = f.Redacted || def.effects&redacts != 0
			}
		}
	})
	f.Constant = len(f.Attributes) == 0 && !f.Clock && !f.Random && !f.Directory
	return f
}

// Attributes lists the attributes that the expression refers to.
func (e *Expression) Attributes() []string { return e.Facts().Attributes }

// DirectAttribute returns the attribute of a direct mapping such as [mail].
func (e *Expression) DirectAttribute() (name string, ok bool) {
	a, ok := e.root.(*Attribute)
	if !ok {
		return "", false
	}
	return a.Name, true
}

// ConstantText returns the text of a constant mapping such as "Member".
func (e *Expression) ConstantText() (text string, ok bool) { return constText(e.root) }

func addOnce(list []string, s string) []string {
	if contains(list, s) {
		return list
	}
	return append(list, s)
}
