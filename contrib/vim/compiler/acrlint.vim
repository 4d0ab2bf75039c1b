" acrlint for Vim and Neovim: `:compiler acrlint`, then `:make` or `:make infra/main.json` fills the quickfix list.
" Copy this file to ~/.vim/compiler/ or ~/.config/nvim/compiler/.
if exists('current_compiler')
  finish
endif
let current_compiler = 'acrlint'
" Columns are characters; Vim takes them for bytes, so behind letters such as an umlaut it stands too far to the left.

if exists(':CompilerSet') != 2
  command -nargs=* CompilerSet setlocal <args>
endif

CompilerSet makeprg=acrlint\ check\ --format\ concise\ --allow-empty
" Lines without a place come last: they are about the run as a whole. Anything else is not shown.
CompilerSet errorformat=
      \%f:%l:%c:\ %trror%m,
      \%f:%l:%c:\ %tarning%m,
      \%f:%l:%c:\ %tote%m,
      \%trror%m,
      \%tarning%m,
      \%tote%m,
      \%-G%.%#
