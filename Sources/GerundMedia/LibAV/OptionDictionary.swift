import CFFmpeg

/// Options on their way to libav, and back: what it didn't know stays in.
@safe
struct OptionDictionary: ~Copyable {
    private var dictionary: OpaquePointer?

    init() {}

    deinit {
        var dictionary = unsafe self.dictionary
        unsafe av_dict_free(&dictionary)
    }

    subscript(key: String) -> String? {
        get {
            guard let entry = unsafe av_dict_get(self.dictionary, key, nil, 0),
                let value = unsafe entry.pointee.value
            else { return nil }
            return unsafe String(cString: value)
        }
        set {
            unsafe av_dict_set(&self.dictionary, key, newValue, 0)
        }
    }

    /// The keys that are still in, in order.
    var keys: [String] {
        var keys: [String] = []
        var entry: UnsafeMutablePointer<AVDictionaryEntry>?
        while true {
            unsafe entry = av_dict_get(self.dictionary, "", entry, AV_DICT_IGNORE_SUFFIX)
            guard let key = unsafe entry?.pointee.key else { return keys }
            unsafe keys.append(String(cString: key))
        }
    }

    /// Lends the dictionary to a function that takes out what it knows.
    mutating func withPointer<R>(_ body: (UnsafeMutablePointer<OpaquePointer?>) -> R) -> R {
        unsafe body(&self.dictionary)
    }
}
