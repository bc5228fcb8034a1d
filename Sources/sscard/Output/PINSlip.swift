import CardCryptography
import CardData
import Foundation
import Glibc
import Issuing

/// How a generated PIN reaches its holder: a file that only its owner can read, never a screen.
enum PINSlip {
    /// Where the slip of a card lies; the folder is made when it is not there.
    static func path(in dataFolder: String, for number: CardNumber) throws(Faults) -> String {
        let folder = dataFolder + "/pin-slips"
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw Faults("tool.slip", ["path": folder]) }
        return "\(folder)/\(number.text).txt"
    }

    /// Writes the slip and waits until the disk has it, since afterwards nothing else knows the PIN.
    static func write(_ card: IssuedCard, to path: String) throws(Faults) {
        let text = card.pin.withDigits { digits in
            "卡号 \(card.number.printed)\n初始密码 \(String(decoding: digits, as: UTF8.self))\n请立即修改密码，阅后销毁。\n"
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Faults("tool.slip", ["path": path]) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw Faults("tool.slip", ["path": path])
        }
    }
}
