import Glibc
import Testing

@testable import GerundTensor

@Suite("AvailableCores")
struct AvailableCoresTests {
    /// `sched_getaffinity` or `sched_setaffinity`, which Swift's Glibc module doesn't import.
    private typealias AffinityCall = @convention(c) (pid_t, Int, UnsafeMutableRawPointer) -> CInt

    /// Calls one of them for the calling thread.
    private static func call(_ name: String, _ mask: inout [UInt8]) -> CInt {
        guard let symbol = unsafe dlsym(nil, name) else { return -1 }
        let function = unsafe unsafeBitCast(symbol, to: AffinityCall.self)
        return unsafe mask.withUnsafeMutableBytes { unsafe function(0, $0.count, $0.baseAddress!) }
    }

    @Test("Counts the cores of the thread's affinity mask, not those of the machine")
    func affinity() throws {
        var original = [UInt8](repeating: 0, count: 1024)
        try #require(Self.call("sched_getaffinity", &original) >= 0)
        defer { _ = Self.call("sched_setaffinity", &original) }
        #expect(ThreadPool.availableCoreCount <= original.reduce(0) { $0 + $1.nonzeroBitCount })

        // The first core of the mask alone.
        var first = [UInt8](repeating: 0, count: original.count)
        let index = try #require(original.firstIndex { $0 != 0 })
        first[index] = original[index] & (~original[index] &+ 1)
        try #require(Self.call("sched_setaffinity", &first) == 0)
        #expect(ThreadPool.availableCoreCount == 1)
    }

    private static func limit(_ group: String, _ files: [String: String]) -> Int? {
        AvailableCores.bandwidthLimit(groups: group) { files[$0] }
    }

    @Test(
        "Rounds the bandwidth of a control group up to whole cores",
        arguments: [
            ("100000 100000\n", 1), ("150000 100000\n", 2), ("200000 100000\n", 2), ("5000 100000\n", 1),
            ("max 100000\n", nil), ("", nil), ("0 100000\n", nil), ("100000 0\n", nil), ("one 100000\n", nil),
        ])
    func bandwidth(contents: String, cores: Int?) {
        #expect(Self.limit("0::/\n", ["": contents]) == cores)
    }

    @Test("Takes the smallest limit of a control group and its ancestors")
    func ancestors() {
        let group = "0::/system.slice/gerund.service\n"
        let files = [
            "/system.slice/gerund.service": "max 100000", "/system.slice": "300000 100000", "": "400000 100000",
        ]
        #expect(Self.limit(group, files) == 3)
        let inner = ["/system.slice/gerund.service": "200000 100000", "/system.slice": "300000 100000"]
        #expect(Self.limit(group, inner) == 2)
        #expect(Self.limit(group, [:]) == nil)
    }

    @Test("Reads no limit if only version 1 of the control groups is mounted")
    func versionOne() {
        #expect(Self.limit("4:cpu,cpuacct:/docker/1\n", ["/docker/1": "100000 100000"]) == nil)
        #expect(Self.limit("", ["": "100000 100000"]) == nil)
    }
}
