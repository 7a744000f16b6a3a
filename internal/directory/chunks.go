package directory

// chunkSize is how many items a chunk holds.
const chunkSize = 1024

// chunks are a list that grows without being copied: the users of a large tenant and the
// columns of their values would be, as a whole, each time that a slice of them is full.
type chunks[T any] [][]T

// chunksOf is a list of the items, whose memory it takes over.
func chunksOf[T any](items []T) (c chunks[T]) {
	for len(items) > chunkSize {
		c = append(c, items[:chunkSize:chunkSize])
		items = items[chunkSize:]
	}
	return append(c, items)
}

func (c chunks[T]) len() int {
	if len(c) == 0 {
		return 0
	}
	return chunkSize*(len(c)-1) + len(c[len(c)-1])
}

func (c chunks[T]) at(i int32) *T { return &c[i/chunkSize][i%chunkSize] }

func (c *chunks[T]) add(item T) {
	switch last := len(*c) - 1; {
	case last < 0: // it may stay small
		*c = append(*c, []T{item})
	case len((*c)[last]) < chunkSize:
		(*c)[last] = append((*c)[last], item)
	default:
		*c = append(*c, append(make([]T, 0, chunkSize), item))
	}
}

// removeLast takes the last item away; there is one.
func (c *chunks[T]) removeLast() {
	last := len(*c) - 1
	clear((*c)[last][len((*c)[last])-1:])
	if (*c)[last] = (*c)[last][:len((*c)[last])-1]; len((*c)[last]) == 0 {
		*c = (*c)[:last]
	}
}
