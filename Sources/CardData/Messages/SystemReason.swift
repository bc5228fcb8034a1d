import Foundation

/// Why a file cannot be read.
public enum FileReason {
    /// The system's own words for what hinders reading at a path; for a folder, that it is one.
    public static func ofReading(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        var byte: UInt8 = 0
        return String(cString: strerror(read(descriptor, &byte, 1) < 0 ? errno : EIO))
    }
}

extension Error {
    /// Why the system refused something at a path, in its own words (`strerror`), which ``SystemTexts`` puts into Chinese; Foundation wraps
    /// them in a sentence about itself, and does not always pass them on: the system says them again then.
    public func systemReason(at path: String) -> String {
        var error = self as NSError
        while let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError { error = underlying }
        if error.domain == NSPOSIXErrorDomain {
            return String(cString: strerror(Int32(truncatingIfNeeded: error.code)))
        }
        let code: Int32? =
            switch CocoaError.Code(rawValue: error.code) {
            case .fileReadNoPermission, .fileWriteNoPermission: EACCES
            case .fileNoSuchFile, .fileReadNoSuchFile: ENOENT
            case .fileWriteFileExists: EEXIST
            case .fileWriteOutOfSpace: ENOSPC
            case .fileWriteVolumeReadOnly: EROFS
            default: nil
            }
        if error.domain == NSCocoaErrorDomain, let code { return String(cString: strerror(code)) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        let reason = errno
        if descriptor >= 0 { close(descriptor) }
        return descriptor < 0 && reason != ENOENT ? String(cString: strerror(reason)) : error.localizedDescription
    }
}
