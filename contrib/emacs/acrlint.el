;;; acrlint.el --- Findings of acrlint in compilation mode  -*- lexical-binding: t; -*-

;; Load this file, then: M-x compile RET acrlint check --format concise RET

;;; Code:

(require 'compile)

(add-to-list 'compilation-error-regexp-alist-alist
             '(acrlint "^\\(.+?\\):\\([0-9]+\\):\\([0-9]+\\): \\(?:error\\|\\(warning\\)\\|\\(note\\)\\)\\[" 1 2 3 (4 . 5)))
(add-to-list 'compilation-error-regexp-alist 'acrlint)

(provide 'acrlint)
;;; acrlint.el ends here
