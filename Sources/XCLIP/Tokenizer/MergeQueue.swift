/// A binary heap of the merges that a piece still allows: the one that was learned first is at the top, the leftmost of
/// equals.
struct MergeQueue {
    /// A merge of two neighboring symbols.
    struct Candidate: Comparable {
        /// The position of the pair in the list of merges.
        var rank: Int
        /// The position of the pair's left symbol.
        var position: Int
        /// The token that the pair becomes.
        var result: Int32

        static func < (left: Self, right: Self) -> Bool {
            (left.rank, left.position) < (right.rank, right.position)
        }
    }

    /// The candidates.
    ///
    /// The children of `heap[i]`, at 2i + 1 and 2i + 2, are not less than it.
    private var heap: [Candidate] = []

    /// Inserts a candidate.
    mutating func push(_ candidate: Candidate) {
        self.heap.append(candidate)
        var child = self.heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard self.heap[child] < self.heap[parent] else { return }
            self.heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Removes and returns the least candidate.
    mutating func pop() -> Candidate? {
        guard let first = self.heap.first, let last = self.heap.popLast() else { return nil }
        guard !self.heap.isEmpty else { return first }
        self.heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < self.heap.count {
                if self.heap[child] < self.heap[least] { least = child }
            }
            guard least != parent else { return first }
            self.heap.swapAt(parent, least)
            parent = least
        }
    }
}
