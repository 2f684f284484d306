import Foundation
import GerundStream
import Synchronization
import Testing

@Suite("A thread executor", .timeLimit(.minutes(1)))
struct ThreadExecutorTests {
    private actor Worker {
        private let executor: ThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }
        private var jobs: [(number: Int, thread: String)] = []

        init?(name: String) {
            guard let executor = ThreadExecutor(name: name) else { return nil }
            self.executor = executor
        }

        func work(_ number: Int) {
            self.jobs.append((number, ThreadExecutorTests.thread()))
        }

        func done() -> [(number: Int, thread: String)] { self.jobs }

        func rest() async { await Task.yield() }
    }

    private static func thread() -> String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")) ?? ""
    }

    private static func count(named name: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").filter { thread in
            (try? String(contentsOfFile: "/proc/self/task/\(thread)/comm", encoding: .utf8)) == name + "\n"
        }.count
    }

    /// Waits until no thread has the name: it ends soon after its executor was let go, not at once.
    private static func expectNone(named name: String) async throws {
        while try self.count(named: name) > 0 { await Task.yield() }
    }

    @Test("runs the jobs of an actor in order, on one thread of its own")
    func order() async throws {
        let worker = try #require(Worker(name: "executor-order"))
        for number in 0..<1000 { await worker.work(number) }
        let done = await worker.done()
        #expect(done.map(\.number) == Array(0..<1000))
        #expect(Set(done.map(\.thread)).count == 1)
        #expect(done.first?.thread != Self.thread())
        #expect(try Self.count(named: "executor-order") == 1)
    }

    @Test("runs every job of many tasks once")
    func manyTasks() async throws {
        let worker = try #require(Worker(name: "executor-many"))
        await withTaskGroup { group in
            for task in 0..<50 {
                group.addTask {
                    for number in 0..<40 {
                        await worker.work(task * 40 + number)
                        await worker.rest()
                    }
                }
            }
        }
        let done = await worker.done()
        #expect(done.map(\.number).sorted() == Array(0..<2000))
        #expect(Set(done.map(\.thread)).count == 1)
    }

    @Test("ends its thread when it is let go, from wherever that is")
    func lifetime() async throws {
        for _ in 0..<100 {
            let worker = try #require(Worker(name: "executor-end"))
            await worker.work(0)
            // The task may be the last to hold the actor, and lets it go on the actor's own thread.
            Task { await worker.rest() }
        }
        try await Self.expectNone(named: "executor-end")
    }
}
