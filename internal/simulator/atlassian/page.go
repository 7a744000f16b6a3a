package atlassian

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
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

// pageOf is the part of a list that starts at a place, and where the next starts; -1 at the end.
func pageOf[T any](list []T, place, size int) (part []T, next int) {
	if place > len(list) {
		place = len(list)
	}
	part = list[place:]
	if len(part) <= size {
		return part, -1
	}
	return part[:size], place + size
}

func pageV1[T any](c *call, list []T, show func(T) any) *kernel.Response {
	size := c.srv.Behavior.AtlassianPageSize
	place, ok := readAdminCursor(c.Query.Value("cursor"))
	if !ok {
		return c.failAdmin(http.StatusBadRequest, "ADMIN-400-1", "Invalid cursor")
	}
	part, next := pageOf(list, place, size)
	out := adminPage{Data: []any{}, Links: links{Self: c.self()}, Meta: &adminMeta{len(list)}}
	for _, item := range part {
		out.Data = append(out.Data, show(item))
	}
	at := c.Base + c.Path + "?"
	if place > 0 {
		out.Links.Prev = at + c.Query.With("cursor", adminCursor(max(0, place-size)))
	}
	if next >= 0 {
		out.Links.Next = at + c.Query.With("cursor", adminCursor(next))
	}
	switch {
	case c.Effects.NextLoop || c.Effects.NextEndless:
		out.Links.Next = c.NextLink("")
	case c.Effects.NextHost != "":
		out.Links.Next = "https://" + c.Effects.NextHost + c.Path + "?" + c.Query.With("cursor", adminCursor(place))
	}
	return c.Encode(http.StatusOK, out)
}

// self is the address of the request, as v1 repeats it.
func (c *call) self() string {
	link := c.Base + c.Path
	if cursor, ok := c.Query.Get("cursor"); ok {
		link += "?" + c.Query.With("cursor", cursor)
	}
	return link
}

func pageV2[T any](c *call, list []T, cursor string, size int, show func(T) any) *kernel.Response {
	place, ok := readAdminCursor(cursor)
	if !ok {
		return c.failAdmin(http.StatusBadRequest, "ADMIN-400-1", "Invalid cursor")
	}
	part, next := pageOf(list, place, size)
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
	case c.Effects.NextLoop || c.Effects.NextEndless: // a bare cursor has no room for a count
		out.Links.Next = adminCursor(place)
	case c.Effects.NextHost != "":
		out.Links.Next = "https://" + c.Effects.NextHost + c.Path
	}
	return c.Encode(http.StatusOK, out)
}
