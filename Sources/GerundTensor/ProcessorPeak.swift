import CGerundKernels
import Dispatch

/// What the processor and its memory can reach at best, measured: the bar that a benchmark's figures stand beside.
public struct ProcessorPeak: Sendable {
    /// Operations a second in units of 10^9, a multiplication and an addition counted as two, by the arithmetic of a
    /// precision's products. None where the processor has no instructions for it.
    public var gigaOperations: [Precision: Double]
    /// Sequential reads from memory, in 10^9 bytes a second.
    public var gigabytes: Double

    /// Far more than any cache holds.
    private static let bufferBytes = 256 << 20
    private static let repetitions = 5

    /// Takes about a second, in which the machine should do nothing else.
    ///
    /// - Parameter threads: How many run at the same time.
    public static func measure(threads: Int) -> ProcessorPeak {
        var operations = [Precision: Double]()
        for precision in Precision.allCases {
            guard let loop = gk_peak(precision.arithmetic) else { continue }
            operations[precision] = Self.best(threads: threads) { loop($0) }
        }
        return ProcessorPeak(gigaOperations: operations, gigabytes: Self.bandwidth(threads: threads))
    }

    /// The best of some runs of about 40 ms on every thread: whatever else the machine does makes them slower only.
    private static func best(threads: Int, _ loop: @Sendable (Int) -> UInt64) -> Double {
        let clock = ContinuousClock()
        let trial = 100_000
        _ = loop(trial)  // wakes the wide units
        let duration = clock.measure { _ = loop(trial) }
        let rounds = max(trial, Int(Double(trial) * (Duration.milliseconds(40) / duration)))
        var best = 0.0
        for _ in 0..<Self.repetitions {
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
        // Written once, so that every page is real.
        let numbers = [UInt64](repeating: 1, count: count)
        let part = count / threads
        var best = 0.0
        for _ in 0..<Self.repetitions {
            let duration = ContinuousClock().measure {
                DispatchQueue.concurrentPerform(iterations: threads) { thread in
                    unsafe numbers.withUnsafeBufferPointer { numbers in
                        guard let base = numbers.baseAddress else { return }
                        let sum = unsafe gk_read(base + thread * part, part)
                        precondition(sum == UInt64(part), "a sum of \(part) ones: \(sum)")
                    }
                }
            }
            let bytes = Double(part * threads * MemoryLayout<UInt64>.stride)
            best = max(best, bytes / (duration / .seconds(1)) / 1e9)
        }
        return best
    }
}

extension Precision {
    fileprivate var arithmetic: gk_arithmetic {
        switch self {
        case .f32: GK_FLOAT32
        case .bf16: GK_BFLOAT16
        case .int8: GK_INT8
        }
    }
}
