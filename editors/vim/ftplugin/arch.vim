" What Vim needs to know of .arch files beside their colours.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal comments=:# commentstring=#\ %s
setlocal shiftwidth=2 expandtab textwidth=100 formatoptions-=t formatoptions+=croql
" `gggqG` and `:%!ntkc fmt -` give the canonical layout.
setlocal formatprg=ntkc\ fmt\ -

let b:undo_ftplugin = 'setlocal comments< commentstring< shiftwidth< expandtab< textwidth< formatoptions< formatprg<'
