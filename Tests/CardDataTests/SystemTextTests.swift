import Foundation
import Testing

@testable import CardData

/// What the system says in English, in words: the sentences are those of glibc's strerror, sqlite3_errstr and swift-foundation.
@Suite struct SystemTextTests {
    private func text(_ reason: String, _ language: MessageLanguage) -> String {
        MessageCatalogue.standard.text(
            for: Fault("journal.cannot-write", ["path": "/p", "reason": reason]), language: language
        ).what
    }

    @Test(arguments: [
        ENOSPC, EROFS, EACCES, EPERM, ENOENT, ENOTDIR, EISDIR, EEXIST, EIO, EMFILE, EDQUOT, EFBIG, ENOMEM, EBUSY,
    ])
    func everyCommonErrorOfTheSystemHasChineseWords(code: Int32) {
        let reason = String(cString: strerror(code))
        #expect(!text(reason, .chinese).contains(reason))
        #expect(text(reason, .chinese).contains { $0 >= "一" && $0 <= "龥" })
        #expect(text(reason, .english).contains(reason))
    }

    @Test(arguments: [
        ("disk I/O error", "磁盘读写错误"), ("database or disk is full", "数据库或磁盘已满"),
        ("SQLite error 10: disk I/O error - while executing `COMMIT`", "SQLite 错误 10：磁盘读写错误"),
        ("attempt to write a readonly database", "数据库只读，不能写入"),
        ("The given data was not valid JSON.", "不是有效的 JSON。"),
        ("Unexpected character 'x' around line 2, column 7.", "意外的字符“x”（第 2 行第 7 列）"),
    ]) func textsOfLibrariesHaveChineseWords(reason: String, words: String) {
        #expect(text(reason, .chinese).contains(words))
    }

    @Test func errorsOfFoundationAreNoDomainAndNumber() {
        let reason = "The operation could not be completed. (NSCocoaErrorDomain error 642.)"
        #expect(text(reason, .chinese).contains("文件系统只读"))
        #expect(text(reason, .english).contains("the file system is read-only"))
        let other = "The operation couldn’t be completed. (NSCocoaErrorDomain error 999.)"
        #expect(text(other, .chinese).contains("系统拒绝了操作（999）"))
        #expect(text(other, .english).contains("the system refused it (999)"))
    }

    @Test func onlyReasonsAreTranslated() {
        let fault = Fault("card.update-element", ["element": "Permission denied"])
        #expect(MessageCatalogue.standard.text(for: fault, language: .chinese).what.contains("Permission denied"))
    }

    @Test func theFileIsReadWhole() throws {
        let path = try #require(
            URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Sources/CardData/Resources/system-texts.yaml").path as String?)
        let entries = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").filter {
            $0.hasPrefix("- ")
        }
        #expect(SystemTexts.standard.count == entries.count)
    }
}
