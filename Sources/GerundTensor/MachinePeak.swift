import CGerundKernels
import Dispatch

/// The measured peak arithmetic throughput and memory bandwidth of this machine, for roofline comparison.
public struct MachinePeak: Sendable {
    /// The arithmetic throughput per precision, in 10^9 operations per second.
    ///
    /// A multiplication and an addition count as two. A precision is missing if the processor has no instructions for
    /// it.
    public var gigaOperationsPerSecond: [Precision: Double]
    /// The bandwidth of sequential reads from memory, in 10^9 bytes per second.
    public var gigabytesPerSecond: Double

    /// The size of the buffer that is read: much larger than any cache.
    private static let bufferBytes = 256 << 20
    private static let repetitions = 5

    /// Measures the peak.
    ///
    /// Blocks for about a second, during which the machine should be idle otherwise.
    ///
    /// - Parameter threads: The number of threads that run at the same time, at least 1. More threads than cores have
    ///   no higher peak, and are measured as one per core.
    /// - Returns: The best of several measurements.
    public static func measure(threads: Int) -> MachinePeak {
        let threads = min(threads, ThreadPool.availableCoreCount)
        return MachinePeak(
            gigaOperationsPerSecond: Self.throughput(
                threads: threads, runDuration: .milliseconds(40), repetitions: Self.repetitions),
            gigabytesPerSecond: Self.bandwidth(threads: threads))
    }

    /// Returns the arithmetic throughput per precision: the best of several runs on every thread, since other load can
    /// only make a run slower.
    static func throughput(threads: Int, runDuration: Duration, repetitions: Int) -> [Precision: Double] {
        var throughput = [Precision: Double]()
        for precision in Precision.allCases {
            guard let loop = gerund_peak(precision.elementType.gemmType) else { continue }
            throughput[precision] = Self.best(threads: threads, runDuration, repetitions) { loop($0) }
        }
        return throughput
    }

    private static func best(
        threads: Int, _ runDuration: Duration, _ repetitions: Int, _ loop: @Sendable (Int) -> UInt64
    ) -> Double {
        let clock = ContinuousClock()
        let trial = 100_000
        _ = loop(trial)  // powers up the wide vector units
        let duration = clock.measure { _ = loop(trial) }
        let rounds = max(trial, Int(Double(trial) * (runDuration / duration)))
        var best = 0.0
        for _ in 0..<repetitions {
            let operations = Double(loop(1)) * Double(rounds) * Double(threads)
            let duration = clock.measure {
                DispatchQueue.concurrentPerform(iterations: threads) { _ in _ = loop(rounds) }
            }
            best = max(best, operations / (duration / .seconds(1)) / 1e9)
        }
        return best
    }

    private static func bandwidth(threads: Int) -> Double {
        let count = Self.bufferBytes / MemoryLayout<UInt64>.stride
        // Writing every element maps every page.
        let numbers = [UInt64](repeating: 1, count: count)
        let part = count / threads
        var best = 0.0
        for _ in 0..<Self.repetitions {
            let duration = ContinuousClock().measure {
                DispatchQueue.concurrentPerform(iterations: threads) { thread in
                    unsafe numbers.withUnsafeBufferPointer { numbers in
                        guard let base = numbers.baseAddress else { return }
                        let sum = unsafe gerund_bandwidth_read(base + thread * part, part)
                        precondition(sum == UInt64(part), "sum of \(part) ones: \(sum)")
                    }
                }
            }
            let bytes = Double(part * threads * MemoryLayout<UInt64>.stride)
            best = max(best, bytes / (duration / .seconds(1)) / 1e9)
        }
        return best
    }
}
