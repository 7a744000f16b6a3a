package simulator

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
)

// v1 links a page by a full URL, v2 search by a bare cursor ([atlassian 3.2], ID-8618 and AX-241).

func adminCursor(place int) string {
	return base64.RawURLEncoding.EncodeToString([]byte("c1." + strconv.Itoa(place)))
}

func readAdminCursor(text string) (int, bool) {
	if text == "" {
		return 0, true
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	number, ok := strings.CutPrefix(string(raw), "c1.")
	place, bad := strconv.Atoi(number)
	return place, err == nil && ok && bad == nil && place >= 0
}

type adminMeta struct {
	Total int `json:"total"`
}

type adminPage struct {
	Data  []any      `json:"data"`
	Links links      `json:"links"`
	Meta  *adminMeta `json:"meta,omitempty"`
}

// slicePage is the part of a list that starts at a place, and where the next starts; -1 at the end.
func slicePage[T any](list []T, place, size int) (part []T, next int) {
	if place > len(list) {
		place = len(list)
	}
	part = list[place:]
	if len(part) <= size {
		return part, -1
	}
	return part[:size], place + size
}

func pageV1[T any](c *adminCall, list []T, show func(T) any) *answer {
	size := c.srv.behavior.AtlassianPageSize
	place, ok := readAdminCursor(c.query.value("cursor"))
	if !ok {
		return c.failAdmin(http.StatusBadRequest, "ADMIN-400-1", "Invalid cursor")
	}
	part, next := slicePage(list, place, size)
	out := adminPage{Data: []any{}, Links: links{Self: c.self()}, Meta: &adminMeta{len(list)}}
	for _, item := range part {
		out.Data = append(out.Data, show(item))
	}
	at := c.base + c.path + "?"
	if place > 0 {
		out.Links.Prev = at + c.query.replaced("cursor", adminCursor(max(0, place-size)))
	}
	if next >= 0 {
		out.Links.Next = at + c.query.replaced("cursor", adminCursor(next))
	}
	switch {
	case c.effects.nextLoop || c.effects.nextEndless:
		out.Links.Next = c.bend("")
	case c.effects.nextHost != "":
		out.Links.Next = "https://" + c.effects.nextHost + c.path + "?" + c.query.replaced("cursor", adminCursor(place))
	}
	return c.encode(http.StatusOK, out)
}

// self is the address of the request, as v1 repeats it.
func (c *adminCall) self() string {
	link := c.base + c.path
	if cursor, ok := c.query.get("cursor"); ok {
		link += "?" + c.query.replaced("cursor", cursor)
	}
	return link
}

func pageV2[T any](c *adminCall, list []T, cursor string, size int, show func(T) any) *answer {
	place, ok := readAdminCursor(cursor)
	if !ok {
		return c.failAdmin(http.StatusBadRequest, "ADMIN-400-1", "Invalid cursor")
	}
	part, next := slicePage(list, place, size)
	out := adminPage{Data: []any{}}
	for _, item := range part {
		out.Data = append(out.Data, show(item))
	}
	if place > 0 {
		out.Links.Prev = adminCursor(max(0, place-size))
	}
	if next >= 0 {
		out.Links.Next = adminCursor(next)
	}
	switch {
	case c.effects.nextLoop || c.effects.nextEndless: // a bare cursor has no room for a count
		out.Links.Next = adminCursor(place)
	case c.effects.nextHost != "":
		out.Links.Next = "https://" + c.effects.nextHost + c.path
	}
	return c.encode(http.StatusOK, out)
}
