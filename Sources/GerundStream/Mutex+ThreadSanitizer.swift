#if THREAD_SANITIZER
import Glibc

/// Stands in for `Synchronization.Mutex` in builds for Thread Sanitizer.
///
/// On Linux the library's mutex is built on futexes inside a library that is not instrumented, so the sanitizer
/// doesn't see that it orders anything and reports every access that it guards. It does see POSIX mutexes:
///
///     swift test --sanitize thread -Xswiftc -DTHREAD_SANITIZER --filter GerundStream
@safe
struct Mutex<Value>: ~Copyable, @unchecked Sendable {
    // Sendable: the value is touched under the lock only, and goes in and out by `sending`.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    init(_ value: consuming sending Value) {
        unsafe self.lock = .allocate(capacity: 1)
        unsafe self.lock.initialize(to: pthread_mutex_t())
        let status = unsafe pthread_mutex_init(self.lock, nil)
        precondition(status == 0, "pthread_mutex_init: \(status)")
        unsafe self.value = .allocate(capacity: 1)
        unsafe self.value.initialize(to: value)
    }

    deinit {
        _ = unsafe pthread_mutex_destroy(self.lock)
        unsafe self.lock.deallocate()
        unsafe self.value.deinitialize(count: 1)
        unsafe self.value.deallocate()
    }

    borrowing func withLock<R, E: Error>(
        _ body: (inout sending Value) throws(E) -> sending R
    ) throws(E) -> sending R {
        _ = unsafe pthread_mutex_lock(self.lock)
        defer { _ = unsafe pthread_mutex_unlock(self.lock) }
        return try unsafe body(&self.value.pointee)
    }
}
#endif
