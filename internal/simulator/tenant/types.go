package tenant

// MemberTypes is the types whose properties a collection of directory objects may select.
func (s *Store) MemberTypes() []*Entity {
	return []*Entity{s.UserType, s.GroupType, s.OtherTypes["#microsoft.graph.servicePrincipal"]}
}
