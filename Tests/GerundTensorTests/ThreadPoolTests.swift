import Glibc
import Synchronization
import Testing

@testable import GerundTensor

@Suite("ThreadPool")
struct ThreadPoolTests {
    @Test("Runs every task once with any number of threads", arguments: [1, 2, 7], [0, 1, 2, 100])
    func tasks(threads: Int, tasks: Int) {
        let pool = ThreadPool(threads: threads)
        for _ in 0..<50 {
            let counts = Mutex([Int](repeating: 0, count: tasks))
            pool.run(tasks: tasks) { task, _ in counts.withLock { $0[task] += 1 } }
            #expect(counts.withLock { $0 } == [Int](repeating: 1, count: tasks))
        }
    }

    @Test("Has the number of threads that it was made with", arguments: [1, 2, 7])
    func threadCount(threads: Int) {
        #expect(ThreadPool(threads: threads).threadCount == threads)
    }

    @Test("Runs on no more threads than it has, and on the calling thread alone if it has one", arguments: [1, 3])
    func distinctThreads(threads: Int) {
        let pool = ThreadPool(threads: threads)
        let seen = Mutex(Set<pthread_t>())
        for _ in 0..<50 {
            pool.run(tasks: 40) { _, _ in
                let own = pthread_self()
                seen.withLock { _ = $0.insert(own) }
            }
        }
        let distinct = seen.withLock { $0 }
        #expect(distinct.contains(pthread_self()) && distinct.count <= threads)
    }

    @Test("Gives concurrent tasks different thread numbers")
    func threadNumbers() {
        let pool = ThreadPool(threads: 4)
        let busy = Mutex([Bool](repeating: false, count: pool.threadCount))
        let clashes = Atomic(0)
        for _ in 0..<100 {
            pool.run(tasks: 20) { _, thread in
                if busy.withLock({ $0[thread].exchange(true) }) { clashes.add(1, ordering: .relaxed) }
                for _ in 0..<100 { _ = busy.withLock { $0[thread] } }
                busy.withLock { $0[thread] = false }
            }
        }
        #expect(clashes.load(ordering: .relaxed) == 0)
    }

    @Test("Divides units into ranges that cover each of them once")
    func units() {
        let pool = ThreadPool(threads: 3)
        for (count, minimum) in [(0, 1), (1, 1), (10, 100), (1000, 7)] {
            let seen = Mutex([Int](repeating: 0, count: count))
            pool.run(units: count, minimumPerTask: minimum) { units, _ in
                seen.withLock { for unit in units { $0[unit] += 1 } }
            }
            #expect(seen.withLock { $0 } == [Int](repeating: 1, count: count))
        }
    }

    @Test("Runs too few units for a task of their own in one task")
    func fewUnits() {
        let pool = ThreadPool(threads: 3)
        let ranges = Mutex([Range<Int>]())
        pool.run(units: 13, minimumPerTask: 7) { units, _ in ranges.withLock { $0.append(units) } }
        #expect(ranges.withLock { $0 } == [0..<13])
    }

    @Test("Serves several callers at the same time")
    func callers() async {
        let pool = ThreadPool(threads: 3)
        let total = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let count = Mutex(0)
                    for _ in 0..<200 { pool.run(tasks: 5) { _, _ in count.withLock { $0 += 1 } } }
                    return count.withLock { $0 }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(total == 4 * 200 * 5)
    }
}

extension Bool {
    /// Sets the value and returns the previous one.
    fileprivate mutating func exchange(_ value: Bool) -> Bool {
        defer { self = value }
        return self
    }
}
