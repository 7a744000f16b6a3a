package simulator

// everyType is the types whose properties a collection of directory objects may select.
func (s *store) everyType() []*entity {
	return []*entity{s.user, s.group, s.others["#microsoft.graph.servicePrincipal"]}
}
