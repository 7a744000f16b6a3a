package directory

import (
	"net/http"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// The deleted items: soft-deleted users, restorable for 30 days [graph 1.5], [graph 6]. Groups
// are deleted for good: a security group is.

func listDeletedUsers(c *call) *kernel.Response {
	st := c.Service.Store
	o, a := c.ListOptions(st.UserType)
	if a != nil {
		return a
	}
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	return c.AnswerList(o, odata.Source{
		Refs:  st.Deleted,
		See:   func(ref int32) *tenant.Object { return st.Slots[ref].Object },
		Shape: odata.Always(odata.Plain),
	}, "users")
}

// findDeleted is the deleted item that the path names.
func (c *call) findDeleted() (int32, *kernel.Response) {
	ref, ok := c.Service.Store.Lookup(c.Param(0))
	if !ok || !slices.Contains(c.Service.Store.Deleted, ref) {
		return 0, c.Fail(odata.NotFound(c.Param(0)))
	}
	return ref, nil
}

func (c *call) deletedItem(ref int32) *kernel.Response {
	r := odata.NewRenderer(nil, 1024)
	r.Object(c.Service.Store.Slots[ref].Object, odata.Typed)
	head := `{"@odata.context":` + rawjson.Quote(c.ContextURL("directoryObjects", nil)+"/$entity") + ","
	return c.JSON(http.StatusOK, append([]byte(head), r.Buf[1:]...))
}

func getDeleted(c *call) *kernel.Response {
	st := c.Service.Store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	ref, a := c.findDeleted()
	if a != nil {
		return a
	}
	return c.deletedItem(ref)
}

func restoreDeleted(c *call) *kernel.Response {
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	ref, a := c.findDeleted()
	if a != nil {
		return a
	}
	if _, taken := st.ByUPN[strings.ToLower(st.Slots[ref].Object.Text("userPrincipalName"))]; taken {
		return c.Fail(odata.Conflict(http.StatusBadRequest, "userPrincipalName"))
	}
	st.Restore(ref)
	return c.deletedItem(ref)
}

func purgeDeleted(c *call) *kernel.Response {
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	ref, a := c.findDeleted()
	if a != nil {
		return a
	}
	st.Purge(ref, c.Lag())
	return kernel.NoContent()
}
