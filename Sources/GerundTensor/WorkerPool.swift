import CGerundThreads
import Glibc

/// The threads that share out the parts of one product or normalisation at a time.
///
/// What a part computes does not depend on which thread computes it, so results are the same with any number of threads.
/// Threads sleep when there is nothing to do.
@safe
public final class WorkerPool: @unchecked Sendable {
    // Sendable: the pointer never changes, and the C side lets any thread call: one call has the threads at a time, the
    // others do their parts alone.
    private let pool: OpaquePointer

    /// - Parameter threads: At least 1; includes the thread that calls. Fewer when the system refuses some.
    public init(threads: Int) {
        precondition(threads > 0, "\(threads) threads")
        guard let pool = unsafe gt_pool_create(threads) else { preconditionFailure("no memory for a pool") }
        unsafe self.pool = pool
    }

    deinit { unsafe gt_pool_destroy(self.pool) }

    /// How many threads there are, the calling one included.
    public var threadCount: Int { unsafe gt_pool_threads(self.pool) }

    /// One for each core that is there for this process.
    public static var coreCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Does all parts and returns when the last is done.
    ///
    /// - Parameter body: Called with the number of a part, and a thread's number below ``threadCount`` that no other
    ///   part of this call has at the same time. May run on any of the threads.
    func run(parts: Int, _ body: (_ part: Int, _ thread: Int) -> Void) {
        precondition(parts <= GT_PART_LIMIT, "\(parts) parts")
        guard parts > 1 else { return parts == 1 ? body(0, 0) : () }
        withoutActuallyEscaping(body) { body in
            unsafe withUnsafePointer(to: body) { body in
                unsafe gt_pool_run(
                    self.pool, parts,
                    { context, part, thread in
                        typealias Body = (Int, Int) -> Void
                        unsafe context?.assumingMemoryBound(to: Body.self).pointee(part, thread)
                    }, UnsafeMutableRawPointer(mutating: body))
            }
        }
    }

    /// Does all of `count` units, some in a row to a part, several parts to a thread so that one that is held up costs
    /// little.
    ///
    /// - Parameters:
    ///   - least: So many units are worth a part.
    ///   - body: Called with the units of a part.
    func run(units count: Int, least: Int, _ body: (_ units: Range<Int>, _ thread: Int) -> Void) {
        let parts = min(self.threadCount == 1 ? 1 : 4 * self.threadCount, max(1, count / max(1, least)))
        guard parts > 1 else { return count > 0 ? body(0..<count, 0) : () }
        self.run(parts: parts) { part, thread in
            body(count * part / parts..<count * (part + 1) / parts, thread)
        }
    }
}
