import Synchronization
import Testing

@testable import GerundTensor

@Suite("A pool of threads")
struct WorkerPoolTests {
    @Test("does every part once, whatever the number of threads", arguments: [1, 2, 7], [0, 1, 2, 100])
    func parts(threads: Int, parts: Int) {
        let pool = WorkerPool(threads: threads)
        for _ in 0..<50 {
            let counts = Mutex([Int](repeating: 0, count: parts))
            pool.run(parts: parts) { part, _ in counts.withLock { $0[part] += 1 } }
            #expect(counts.withLock { $0 } == [Int](repeating: 1, count: parts))
        }
    }

    @Test("gives each part a thread's number that no other part has at that time")
    func threads() {
        let pool = WorkerPool(threads: 4)
        let busy = Mutex([Bool](repeating: false, count: pool.threadCount))
        let clashes = Atomic(0)
        for _ in 0..<100 {
            pool.run(parts: 20) { _, thread in
                if busy.withLock({ $0[thread].exchange(true) }) { clashes.add(1, ordering: .relaxed) }
                for _ in 0..<100 { _ = busy.withLock { $0[thread] } }
                busy.withLock { $0[thread] = false }
            }
        }
        #expect(clashes.load(ordering: .relaxed) == 0)
    }

    @Test("divides units into ranges that cover them all")
    func units() {
        let pool = WorkerPool(threads: 3)
        for (count, least) in [(0, 1), (1, 1), (10, 100), (1000, 7)] {
            let seen = Mutex([Int](repeating: 0, count: count))
            pool.run(units: count, least: least) { units, _ in
                seen.withLock { for unit in units { $0[unit] += 1 } }
            }
            #expect(seen.withLock { $0 } == [Int](repeating: 1, count: count))
        }
    }

    @Test("serves several callers at the same time")
    func callers() async {
        let pool = WorkerPool(threads: 3)
        let total = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let count = Mutex(0)
                    for _ in 0..<200 { pool.run(parts: 5) { _, _ in count.withLock { $0 += 1 } } }
                    return count.withLock { $0 }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(total == 4 * 200 * 5)
    }
}

extension Bool {
    /// Sets the value and returns what it was.
    fileprivate mutating func exchange(_ value: Bool) -> Bool {
        defer { self = value }
        return self
    }
}
