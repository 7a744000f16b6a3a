package mapping

import (
	"testing"
)

func TestNode_Render(t *testing.T) {
	const source = " { \"a\" : [ 1 , 2,\n 3 ] , \"b\":{},\"a\\u0062\" : \"\\u00e9\\/\" , \"c\":[ ] } "
	for name, c := range map[string]struct {
		edit func(*node)
		want string
	}{
		"nothing": {func(*node) {}, "{ \"a\" : [ 1 , 2,\n 3 ] , \"b\":{},\"a\\u0062\" : \"\\u00e9\\/\" , \"c\":[ ] }"},
		"a member": {func(n *node) { _ = n.set("b", 7) }, "{ \"a\" : [ 1 , 2,\n 3 ] , \"b\":7,\"a\\u0062\" : " +
			"\"\\u00e9\\/\" , \"c\":[ ] }"},
		"an escaped name": {func(n *node) { _ = n.set("ab", "<x>") }, "{ \"a\" : [ 1 , 2,\n 3 ] , " +
			"\"b\":{},\"a\\u0062\" : \"<x>\" , \"c\":[ ] }"},
		"a new member": {func(n *node) { _ = n.member("b").set("x", nil) }, "{ \"a\" : [ 1 , 2,\n 3 ] , " +
			"\"b\":{\"x\":null},\"a\\u0062\" : \"\\u00e9\\/\" , \"c\":[ ] }"},
		"the first goes":   {func(n *node) { n.member("a").values[0].dropped = true }, "{ \"a\" : [ 2,\n 3 ] , \"b\":{},\"a\\u0062\" : \"\\u00e9\\/\" , \"c\":[ ] }"},
		"one between goes": {func(n *node) { n.member("a").values[1].dropped = true }, "{ \"a\" : [ 1,\n 3 ] , \"b\":{},\"a\\u0062\" : \"\\u00e9\\/\" , \"c\":[ ] }"},
		"the last goes":    {func(n *node) { n.member("a").values[2].dropped = true }, "{ \"a\" : [ 1 , 2 ] , \"b\":{},\"a\\u0062\" : \"\\u00e9\\/\" , \"c\":[ ] }"},
		"all go, one comes": {func(n *node) {
			a := n.member("a")
			for _, v := range a.values {
				v.dropped = true
			}
			a.added = [][]byte{[]byte("4")}
		}, "{ \"a\" : [4 ] , \"b\":{},\"a\\u0062\" : \"\\u00e9\\/\" , \"c\":[ ] }"},
		"into an empty list": {func(n *node) { n.member("c").added = [][]byte{[]byte("1"), []byte("2")} },
			"{ \"a\" : [ 1 , 2,\n 3 ] , \"b\":{},\"a\\u0062\" : \"\\u00e9\\/\" , \"c\":[1,2 ] }"},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := parseNode([]byte(source))
			if err != nil {
				t.Fatal(err)
			}
			c.edit(n)
			if got := string(n.render(nil)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	for _, bad := range []string{"", "{", "{}{}", "[1,]", `{"a"}`, "nope"} {
		if _, err := parseNode([]byte(bad)); err == nil {
			t.Errorf("%q: got no error", bad)
		}
	}
}
