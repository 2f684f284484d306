import Foundation
import GerundStream
import GerundTesting
import Synchronization
import Testing

@Suite("ThreadExecutor", .timeLimit(.minutes(10)))
struct ThreadExecutorTests {
    private actor Worker {
        private let executor: ThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }
        private var jobs: [(number: Int, thread: String)] = []

        init(name: String) throws {
            self.executor = try ThreadExecutor(name: name)
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

    @Test("Runs the jobs of an actor in order, on a thread of its own")
    func order() async throws {
        let worker = try Worker(name: "executor-order")
        for number in 0..<1000 { await worker.work(number) }
        let done = await worker.done()
        #expect(done.map(\.number) == Array(0..<1000))
        #expect(Set(done.map(\.thread)).count == 1)
        #expect(done.first?.thread != Self.thread())
        #expect(try CurrentProcess.threadCount(named: "executor-order") == 1)
    }

    @Test("Runs each job of many tasks once")
    func manyTasks() async throws {
        let worker = try Worker(name: "executor-many")
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

    @Test("Ends its thread when it is released, on any thread")
    func lifetime() async throws {
        for _ in 0..<100 {
            let worker = try Worker(name: "executor-end")
            await worker.work(0)
            // The task may hold the last reference to the actor, and release it on the actor's own thread.
            Task { await worker.rest() }
        }
        try await CurrentProcess.waitForNoThread(named: "executor-end")
    }
}
